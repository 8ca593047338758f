import Foundation
import Testing

/// `plumb finetune` as a person runs it: its settings, and the files beside the predictions.
@Suite("Fine-tuning from the command line")
struct FinetuneCommandTests {
    /// A folder with a store, its ctr.json and a model.
    private func folder() throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        let run = try Plumb.run(
            ["run", "p.yaml", "-o", "run", "--seeds", "1", "--until", "train", "-q"], in: folder.url)
        try #require(run.status == 0, "\(run.errors)")
        return folder
    }

    private func finetune(_ options: [String], in folder: TemporaryFolder) throws -> Plumb.Result {
        try Plumb.run(
            [
                "finetune", "run/store", "-p", "p.yaml", "--ctr", "run/ctr.json", "--model",
                "run/seed-1/model.safetensors",
            ] + options, in: folder.url)
    }

    @Test("writes a table of users and timings beside the predictions, which stay as they are without")
    func files() throws {
        let folder = try folder()
        let plain = try finetune(["-o", "plain", "--threads", "1"], in: folder)
        try #require(plain.status == 0, "\(plain.errors)")
        let more = [
            "-o", "p", "--users-table", "users.csv", "--timings", "times.json", "--summary", "s.json", "--threads", "2",
        ]
        let result = try finetune(more, in: folder)
        try #require(result.status == 0, "\(result.errors)")
        #expect(try folder.read("p") == folder.read("plain"))

        let lines = String(decoding: try folder.read("users.csv"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == SmallLog.users + 1)
        #expect(
            lines[0].hasPrefix("user,train_samples,train_positives,validation_samples,test_samples,local_ctr,drift,"))

        struct Times: Decodable {
            var users: Int
            var tuned: Int
            var threads: Int
            var seconds: Double
            var users_per_second: Double
            var user_microseconds: [String: Double]
        }
        let times = try JSONDecoder().decode(Times.self, from: folder.read("times.json"))
        #expect(times.users == SmallLog.users && times.threads == 2 && times.tuned > 0 && times.seconds > 0)
        #expect(Set(times.user_microseconds.keys) == ["mean", "p50", "p90", "p99", "max"])

        struct Summary: Decodable {
            struct Gate: Decodable {
                var kept: Int
                var share: Double
                var reasons: [String: Int]
            }
            var users: Int
            var tuned: Int
            var kept: Int
            var single_class: Int
            var gate: Gate
        }
        let summary = try JSONDecoder().decode(Summary.self, from: folder.read("s.json"))
        #expect(summary.users == SmallLog.users && summary.tuned == times.tuned && summary.single_class >= 2)
        #expect(summary.gate.reasons.values.reduce(0, +) == summary.users)
        #expect(summary.gate.kept == summary.kept)
        #expect(summary.gate.share == Double(summary.kept) / Double(summary.users))
        #expect(result.errors.contains("plumb finetune: gate: kept \(summary.kept) of \(summary.users) users ("))
    }

    @Test("a reader of overlays that leaves gets no more of them, and the predictions are whole")
    func overlaysReader() throws {
        let folder = try folder()
        let files = ["run/store", "-p", "p.yaml", "--ctr", "run/ctr.json", "--model", "run/seed-1/model.safetensors"]
        let line = #"{ "$0" "$@" -o p -q --save-overlays -; echo $? > status; } | head -c 1 > one"#
        let result = try Plumb.runByShell(line, ["finetune"] + files, in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(String(decoding: try folder.read("status"), as: UTF8.self) == "0\n")
        #expect(try folder.read("one").count == 1)
        try #require(try finetune(["-o", "whole", "-q"], in: folder).status == 0)
        #expect(try folder.read("p") == folder.read("whole"))
    }

    @Test("each flag sets its setting")
    func flags() throws {
        let folder = try folder()
        let flags: [(String, String, String)] = [
            ("--arms", "cloud,corrected_gated,corrected_logit-adjust", "arms"),
            ("--optimizer", "adam", "optimizer"), ("--learning-rate", "0.25", "learning_rate"),
            ("--epochs", "3", "epochs"), ("--batch-size", "9", "batch_size"), ("--tuned", "last-layer", "tuned"),
            ("--pull", "0.5", "pull"), ("--max-samples", "20", "max_samples"), ("--min-samples", "4", "min_samples"),
            ("--single-class", "tune", "single_class"), ("--restore", "match", "restore"),
            ("--gate-default", "tuned", "gate_default"),
        ]
        let shown = try finetune(flags.flatMap { [$0.0, $0.1] } + ["--print-config"], in: folder)
        try #require(shown.status == 0, "\(shown.errors)")
        for (flag, value, key) in flags {
            let line = shown.text.split(separator: "\n").first { $0.contains(" \(key): ") || $0.contains(".\(key)") }
            let first = value.split(separator: ",")[0]
            #expect(line?.contains(first) == true && line?.contains(flag) == true, "\(shown.text)")
        }
        let made = try finetune(flags.flatMap { [$0.0, $0.1] } + ["-o", "p", "-q"], in: folder)
        #expect(made.status == 0, "\(made.errors)")
    }

    @Test(
        "refuses settings that make no sense",
        arguments: [
            (["--tuned", "head"], "`finetune.tuned` must be one of all, dense, embeddings, last-layer, bias"),
            (["--pull", "-1"], "--pull"), (["--arms", "corrected_"], "`finetune.arms` must hold arms out of"),
            (["--max-samples", "0"], "`finetune.max_samples` must be a whole number of at least 1"),
            (
                ["--max-samples", "3", "--min-samples", "4"],
                "`finetune.max_samples` is 3, below `finetune.min_samples`, 4: nobody would be tuned"
            ),
            (["--pull", "10"], "a pull of 10.0 at a learning rate of 0.1 would throw weights past the cloud's"),
            (["--gate-default", "both"], "`finetune.gate_default` must be one of cloud, tuned"),
            (["--users-table", "x", "--timings", "x"], "--users-table and --timings need two places"),
        ])
    func refused(options: [String], says: String) throws {
        let folder = try SmallLog.folder()
        let result = try Plumb.run(["finetune", "store", "-o", "p"] + options, in: folder.url)
        #expect(result.status == 64 && result.errors.contains(says), "\(result.errors)")
    }

    @Test("users whose tuning diverges are counted and named, and the run goes on")
    func divergence() throws {
        let folder = try folder()
        let result = try finetune(
            ["--learning-rate", "1e30", "--epochs", "5", "-o", "p", "--summary", "s.json"], in: folder)
        #expect(result.status == 0 && folder.exists("p"))
        #expect(result.errors.contains(": tuning diverged in finetuned, corrected, the cloud model scores there"))
        #expect(result.errors.contains("users more, see --users-table"))
        #expect(String(decoding: try folder.read("s.json"), as: UTF8.self).contains("\"tuned\":0,"))
    }
}
