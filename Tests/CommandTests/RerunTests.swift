import Foundation
import Testing

@Suite("A run into the folder of an earlier one")
struct RerunTests {
    private static let steps = [
        "partition", "ctr", "train, seed 1", "train, seed 2", "finetune, seed 1", "finetune, seed 2", "evaluate",
    ]

    private func lines(_ result: Plumb.Result) -> [String] {
        result.errors.split(separator: "\n").map { String($0.trimmingPrefix("plumb run: ")) }
    }

    /// The bytes of every file of a run folder but `stages.json`.
    private func contents(_ folder: TemporaryFolder, _ name: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for path in try folder.names() where path.hasPrefix("\(name)/") && path != "\(name)/stages.json" {
            var isFolder: ObjCBool = false
            let file = folder.url.appending(path: path).path
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            contents[String(path.dropFirst(name.count + 1))] = try folder.read(path)
        }
        return contents
    }

    @Test("says of each stage what it does and why, and prints the same table")
    func says() throws {
        let folder = try SmallLog.folder()
        let first = try Plumb.run(["run", "p.yaml", "-o", "run", "--threads", "1"], in: folder.url)
        #expect(first.status == 0)
        #expect(lines(first).dropLast() == Self.steps.map { "\($0): new, not done before" }[...])
        let second = try Plumb.run(["run", "p.yaml", "-o", "run"], in: folder.url)
        #expect(lines(second).dropLast() == Self.steps.map { "\($0): skipped, nothing changed" }[...])
        #expect(lines(second).last?.hasPrefix("2 seeds, ") == true)
        #expect(second.output == first.output)
        let third = try Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url)
        #expect(third.errors.isEmpty)
        #expect(third.output == first.output)
        let changed = try Plumb.run(
            ["run", "p.yaml", "-o", "run", "--threads", "1"], in: folder.url,
            environment: ["PLUMB_FINETUNE_EPOCHS": "2"])
        #expect(
            lines(changed).dropLast() == [
                "partition: skipped, nothing changed", "ctr: skipped, nothing changed",
                "train, seed 1: skipped, nothing changed", "train, seed 2: skipped, nothing changed",
                "finetune, seed 1: redone, settings changed: finetune.epochs 1 → 2",
                "finetune, seed 2: redone, settings changed: finetune.epochs 1 → 2",
                "evaluate: redone, seed-1/metrics.json changed",
            ])
        #expect(changed.output != first.output)
    }

    @Test("stops after the stage of `--until`, begins anew with that of `--from`, and can be looked at between")
    func untilAndFrom() throws {
        let folder = try SmallLog.folder()
        let until = try Plumb.run(["run", "p.yaml", "-o", "run", "--until", "train"], in: folder.url)
        #expect(until.status == 0)
        #expect(until.output.isEmpty)
        #expect(!folder.exists("run/seed-1/predictions.arrows") && folder.exists("run/seed-2/model.safetensors"))
        let inspected = try Plumb.run(["inspect", "run"], in: folder.url)
        #expect(inspected.text.hasPrefix("run folder without summary.json"))
        #expect(inspected.text.contains("\ntrain, seed 2  by version ") && !inspected.text.contains("finetune"))
        let rest = try Plumb.run(["run", "p.yaml", "-o", "run"], in: folder.url)
        #expect(lines(rest).filter { $0.contains("skipped") }.count == 4)
        let from = try Plumb.run(["run", "p.yaml", "-o", "run", "--from", "finetune"], in: folder.url)
        #expect(lines(from).filter { $0.hasSuffix("redone, as asked") }.count == 3)
        #expect(from.output == rest.output)
        let wrong = try Plumb.run(
            ["run", "p.yaml", "-o", "run", "--from", "finetune", "--until", "ctr"], in: folder.url)
        #expect(wrong.status == 64 && wrong.errors.contains("--from finetune comes after --until ctr"))
        #expect(try Plumb.run(["run", "p.yaml", "-o", "run", "--until", "report"], in: folder.url).status == 64)
    }

    @Test("reads standard input anew, and goes on from the store if that is the same; a second run waits for none")
    func standardInput() throws {
        let folder = try SmallLog.folder()
        try folder.write(SmallLog.pipeline.replacing("path: ratings.csv", with: "path: \"-\""), to: "p.yaml")
        func start() throws -> Plumb.Running { try Plumb.start(["run", "p.yaml", "-o", "run"], in: folder.url) }
        func end(_ running: Plumb.Running) throws -> Plumb.Result {
            try running.input.fileHandleForWriting.write(contentsOf: Data(SmallLog.ratings.utf8))
            try running.input.fileHandleForWriting.close()
            return running.finish()
        }
        #expect(try end(start()).status == 0)
        let waiting = try start()
        #expect(waiting.shows { folder.exists("run/.store.partial") })
        let other = try Plumb.run(["run", "p.yaml", "-o", "run"], in: folder.url)
        #expect(other.status == 2)
        #expect(other.errors.hasPrefix("plumb: run: error: another run is working in this folder"), "\(other.errors)")
        let result = try end(waiting)
        #expect(result.status == 0)
        #expect(
            lines(result).first == "partition: redone, standard input cannot be compared with what was read before")
        #expect(lines(result).filter { $0.contains("skipped") }.count == 5)
    }

    @Test("may be killed at any moment: the next one comes to the bytes of a clean run, and a summary is never a lie")
    func killed() throws {
        let folder = try SmallLog.folder()
        let other = SmallLog.pipeline.replacing("buckets: 3", with: "buckets: 2")
        try folder.write(other, to: "q.yaml")
        var clean: [String: [String: Data]] = [:]
        for pipeline in ["p.yaml", "q.yaml"] {
            let result = try Plumb.run(["run", pipeline, "-o", "clean-\(pipeline)", "-q"], in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
            clean[pipeline] = try contents(folder, "clean-\(pipeline)")
        }
        var killed = 0
        for round in 0..<16 {
            // Each over what the one before, of other settings, has left.
            let pipeline = round % 2 == 0 ? "p.yaml" : "q.yaml"
            let running = try Plumb.start(["run", pipeline, "-o", "run", "-q"], in: folder.url)
            usleep(.random(in: 0..<600_000))
            kill(running.process.processIdentifier, SIGKILL)
            if running.finish().status == -SIGKILL { killed += 1 }
            let left = try contents(folder, "run").filter { !$0.key.contains(".partial") }
            if left["summary.json"] != nil {
                #expect(left == clean["p.yaml"] || left == clean["q.yaml"], "round \(round)")
            }
            let result = try Plumb.run(["run", pipeline, "-o", "run"], in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            #expect(try contents(folder, "run") == clean[pipeline], "round \(round): \(result.errors)")
        }
        // Or the commands were too quick for the test to mean anything.
        #expect(killed > 0)
    }
}
