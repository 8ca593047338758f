import Foundation
import Testing

/// `plumb train` as a person runs it: what it says, and what is left when it is stopped.
@Suite("Training from the command line")
struct TrainCommandTests {
    private static let train = ["train", "store", "-p", "p.yaml"]

    /// A folder with a store.
    private func folder() throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        for step in [
            ["ingest", "-p", "p.yaml", "-o", "samples", "-q"], ["partition", "samples", "-o", "store", "-q"],
        ] {
            try #require(Plumb.run(step, in: folder.url).status == 0)
        }
        return folder
    }

    private func visible(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    }

    @Test("killed at any moment, it goes on to the bytes of one that was not")
    func killed() throws {
        let folder = try folder()
        let more = ["--epochs", "12", "--patience", "12", "--dropout", "0.1", "--schedule", "linear"]
        #expect(try Plumb.run(Self.train + more + ["-o", "whole"], in: folder.url).status == 0)
        let expected = try folder.read("whole")
        let before = try visible(folder)
        // After each pass in turn, as soon as its checkpoint stands there; a kill may come a pass late or in mid-write.
        var goneOn = 0
        for pass in [1, 2, 4, 5, 7, 9, 11] {
            let running = try Plumb.start(Self.train + more + ["-o", "model"], in: folder.url)
            let isThere = running.shows {
                (try? folder.read("model.checkpoint/checkpoint.json")).map {
                    String(decoding: $0, as: UTF8.self).components(separatedBy: "\"validation_gauc\"").count > pass
                } ?? false
            }
            usleep(UInt32.random(in: 0..<20_000))
            kill(running.process.processIdentifier, SIGKILL)
            let result = running.finish()
            if result.errors.contains("goes on after pass") { goneOn += 1 }
            if !isThere { break }
            #expect(try !folder.exists("model") || folder.read("model") == expected)
        }
        // A kill may have come only after the end, when the checkpoint was taken away.
        let wasLeft = folder.exists("model.checkpoint/checkpoint.json")
        let result = try Plumb.run(Self.train + more + ["-o", "model"], in: folder.url)
        #expect(
            result.status == 0 && result.errors.contains("of 12, from its checkpoint") == wasLeft, "\(result.errors)")
        #expect(goneOn > 0)
        #expect(try folder.read("model") == expected)
        #expect(try visible(folder) == (before + ["model"]).sorted())
    }

    @Test("interrupted, it ends with 130 and a checkpoint, from which it goes on")
    func interrupted() throws {
        let folder = try folder()
        let more = ["--epochs", "100", "--patience", "100"]
        #expect(try Plumb.run(Self.train + more + ["-o", "whole"], in: folder.url).status == 0)
        let before = try visible(folder)
        let running = try Plumb.start(Self.train + more + ["-o", "model"], in: folder.url)
        #expect(running.shows { folder.exists("model.checkpoint/epoch-2.safetensors") })
        kill(running.process.processIdentifier, SIGINT)
        #expect(running.finish().status == 130)
        #expect(try visible(folder) == (before + ["model.checkpoint"]).sorted())
        #expect(!(try folder.names().contains { $0.hasSuffix(".partial") }))
        let again = try Plumb.run(Self.train + more + ["-o", "model", "--threads", "2"], in: folder.url)
        #expect(again.status == 0 && again.errors.contains("goes on after pass"), "\(again.errors)")
        #expect(try folder.read("model") == folder.read("whole"))
    }

    @Test("with a loss that is no number it ends with 2, names pass and step, and leaves no model")
    func divergence() throws {
        let folder = try folder()
        let result = try Plumb.run(
            Self.train + ["--optimizer", "sgd", "--learning-rate", "1e30", "-o", "model"], in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.contains(/pass 1, step \d+/), "\(result.errors)")
        #expect(!folder.exists("model"))
    }

    @Test("damaged checkpoints are passed over in one line")
    func damaged() throws {
        let folder = try folder()
        let running = try Plumb.start(
            Self.train + ["--epochs", "100000", "--patience", "100000", "-o", "model"], in: folder.url)
        #expect(running.shows { folder.exists("model.checkpoint/checkpoint.json") })
        kill(running.process.processIdentifier, SIGKILL)
        _ = running.finish()
        try folder.write("{", to: "model.checkpoint/checkpoint.json")
        let result = try Plumb.run(Self.train + ["-o", "model"], in: folder.url)
        #expect(result.status == 0)
        let lines = result.errors.split(separator: "\n")
        #expect(
            lines.count == 2 && lines[0].contains("starts anew and not from its checkpoint: checkpoint.json is damaged")
        )
        #expect(try !folder.names().contains { $0.hasPrefix("model.checkpoint") })
    }

    @Test("writes into a pipe without a checkpoint, the same bytes")
    func pipe() throws {
        let folder = try folder()
        #expect(try Plumb.run(Self.train + ["-o", "model"], in: folder.url).status == 0)
        let before = try folder.names()
        let result = try Plumb.run(Self.train + ["-o", "-"], in: folder.url)
        #expect(result.status == 0)
        #expect(result.output == (try folder.read("model")))
        #expect(try folder.names() == before)
    }

    @Test("shows its settings, and tells each pass and its pace in the summary")
    func account() throws {
        let folder = try folder()
        let shown = try Plumb.run(
            ["train", "--print-config", "--schedule", "cosine", "--dropout", "0.2", "--early-stopping", "loss"],
            in: folder.url, environment: ["PLUMB_TRAIN_WEIGHT_DECAY": "0.01"])
        #expect(shown.status == 0)
        for line in [
            "schedule: cosine", "dropout: 0.2", "early_stopping: loss", "weight_decay: 0.01", "warmup_steps: 0",
            "memory: 16MiB",
        ] { #expect(shown.text.contains(line), "\(shown.text)") }
        let result = try Plumb.run(
            Self.train + ["-o", "model", "--summary", "s.json", "--progress=log"], in: folder.url)
        #expect(result.errors.contains("pass 1: loss "))
        #expect(result.errors.contains("samples/s"))
        let summary = try #require(JSONSerialization.jsonObject(with: folder.read("s.json")) as? [String: Any])
        let passes = try #require(summary["epochs"] as? [[String: Any]])
        #expect(passes.count == summary["passes"] as? Int)
        for pass in passes {
            for key in [
                "loss", "validation_loss", "validation_gauc", "validation_auc", "seconds", "samples_per_second",
            ] {
                #expect((pass[key] as? Double).map { $0 > 0 } == true, "\(key)")
            }
        }
    }

    @Test(
        "settings that make no sense are refused with their names",
        arguments: [
            ["--schedule", "steep"], ["--dropout", "1"], ["--weight-decay", "-1"], ["--warmup-steps", "-1"],
            ["--early-stopping", "luck"], ["--restart", "--no-checkpoint"], ["--threads", "0"], ["--memory", "many"],
        ])
    func refused(arguments: [String]) throws {
        let folder = try folder()
        let result = try Plumb.run(Self.train + ["-o", "model"] + arguments, in: folder.url)
        #expect(result.status == 64, "\(result.errors)")
        #expect(!folder.exists("model"))
    }
}
