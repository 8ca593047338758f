import Foundation
import Testing

@Suite("The command's conduct")
struct ConductTests {
    /// One thing done wrong: arguments, status, what standard error must say.
    struct Fault: CustomTestStringConvertible, Sendable {
        var arguments: [String]
        var status: Int32
        var says: String
        var files: [String: String] = [:]

        var testDescription: String { arguments.joined(separator: " ") }
    }

    /// The members that metrics.json and summary.json share.
    private static let scope = """
        "part": "test", "global_ctr": 0.25, "samples": 4, "positives": 1, "top": 10, "lists": 0,
        "users": {"total": 1, "evaluated": 1, "single_class": 0, "without_test": 0}
        """

    static let faults: [Fault] = [
        Fault(
            arguments: ["ingest", "nowhere.csv", "-p", "p.yaml", "-o", "out"], status: 2,
            says: "plumb: nowhere.csv: error: No such file or directory"),
        Fault(
            arguments: ["ingest", "binary.bin", "-p", "p.yaml", "-o", "out"], status: 2, says: "plumb: binary.bin",
            files: ["binary.bin": String(repeating: "\u{0}\u{1}\u{2}", count: 3000)]),
        Fault(
            arguments: ["ingest", "text.csv", "-p", "p.yaml", "-o", "out"], status: 1,
            says: "plumb: text.csv:3:3: error: `rating`",
            files: ["text.csv": "user,movie,rating,time\n1,2,3,4\n1,2,good,4\n"]),
        Fault(
            arguments: ["ingest", "columns.csv", "-p", "p.yaml", "-o", "out"], status: 2, says: "`rating`",
            files: ["columns.csv": "user,movie,ratings,time\n1,2,3,4\n"]),
        Fault(
            arguments: ["run", "typo.yaml", "-o", "out"], status: 64,
            says: "plumb: typo.yaml:2:3: error: unknown key `epoch` in `train`; did you mean `epochs`?",
            files: ["typo.yaml": "train:\n  epoch: 3\n"]),
        Fault(
            arguments: ["run", "p.yaml", "-o", "out"], status: 2, says: "the global CTR is 0",
            files: ["ratings.csv": "user,movie,rating,time\n1,2,3,4\n1,3,2,5\n"]),
        Fault(
            arguments: ["run", "p.yaml", "-o", "out"], status: 2, says: "the global CTR is 1",
            files: ["ratings.csv": "user,movie,rating,time\n1,2,4,4\n1,3,5,5\n"]),
        Fault(arguments: ["run", "nowhere.yaml", "-o", "out"], status: 2, says: "nowhere.yaml: error: No such file"),
        Fault(
            arguments: ["run", "/dev/zero", "-o", "out"], status: 64,
            says: "plumb: /dev/zero: error: has more than 1048576 bytes"),
        Fault(arguments: ["partition", "ratings.csv", "-o", "out"], status: 2, says: "ratings.csv"),
        Fault(arguments: ["ctr", "nowhere", "-o", "out"], status: 2, says: "nowhere"),
        Fault(arguments: ["ctr", ".", "-o", "out"], status: 2, says: "error"),
        Fault(arguments: ["train", "nowhere", "-o", "out", "--epochs", "0"], status: 64, says: "--epochs: error"),
        Fault(arguments: ["train", "nowhere", "-o", "out", "--epoch", "1"], status: 64, says: "--epoch"),
        Fault(arguments: ["evaluate", "ratings.csv", "-o", "out"], status: 2, says: "ratings.csv"),
        Fault(arguments: ["inspect", "ratings.csv"], status: 2, says: "nothing that plumb writes"),
        Fault(
            arguments: ["inspect", "ctr.json"], status: 2, says: "plumb: ctr.json: error: users is missing; make it",
            files: ["ctr.json": #"{"format": 2, "samples": 4, "positives": 1, "global_ctr": 0.25}"#]),
        Fault(
            arguments: ["inspect", "ctr.json"], status: 2,
            says: "format must be 2, 1 is that of an earlier version; make it with `plumb ctr STORE -o ctr.json`",
            files: ["ctr.json": #"{"format": 1, "samples": 4, "positives": 1, "global_ctr": 0.25}"#]),
        Fault(
            arguments: ["inspect", "metrics.json"], status: 2, says: "plumb: metrics.json: error: arms is missing",
            files: ["metrics.json": "{\"seed\": 1, \(scope)}"]),
        Fault(
            arguments: ["inspect", "summary.json"], status: 2, says: "plumb: summary.json: error: arms is missing",
            files: ["summary.json": "{\"seeds\": [1], \(scope)}"]),
        Fault(
            arguments: ["inspect", "torn.json"], status: 2, says: "plumb: torn.json: byte ",
            files: ["torn.json": #"{"format": 1, "samples": "#]),
        Fault(
            arguments: ["inspect", "other.json"], status: 2, says: "nothing that plumb writes",
            files: ["other.json": #"{"name": "other"}"#]),
        Fault(arguments: ["ingest", "-o", "out"], status: 64, says: "--pipeline"),
        Fault(arguments: ["ingets"], status: 64, says: "ingets"),
        Fault(
            arguments: ["train", "--print-config=all"], status: 64, says: "--print-config takes 'origins' or 'values'"),
        Fault(
            arguments: ["ingest", "-p", "p.yaml", "--progress=fast", "-o", "out"], status: 64,
            says: "--progress takes 'line' or 'log'"),
        Fault(arguments: ["run", "p.yaml", "-o", "movies.csv"], status: 2, says: "movies.csv"),
        Fault(
            arguments: ["run", "features.yaml", "-o", "out"], status: 64,
            says: "plumb: features.yaml:18:19: error: there is no feature `colour` to train on",
            files: [
                "features.yaml": SmallLog.pipeline.replacing("train: {", with: "train: {features: [item, colour], ")
            ]),
        Fault(arguments: ["partition", "-o", "no/such/folder/store"], status: 2, says: "error"),
    ]

    @Test("gives one clear error, the right status, and leaves no output behind", arguments: faults)
    func badInput(_ fault: Fault) throws {
        let folder = try SmallLog.folder()
        for (name, text) in fault.files { try folder.write(text, to: name) }
        let before = try folder.names()
        let result = try Plumb.run(fault.arguments, in: folder.url)
        #expect(result.status == fault.status, "\(result.errors)")
        #expect(result.errors.contains(fault.says), "\(result.errors)")
        #expect(result.output.isEmpty)
        // A run's finished earlier stages may stay; nothing half-written, and nothing of the failed stage.
        let left = try folder.names().filter { !before.contains($0) }
        let finished = ["out", "out/stages.json", "out/vocabulary.arrows", "out/store"]
        #expect(left.allSatisfy { finished.contains($0) || $0.hasPrefix("out/store/") }, "\(left)")
        if fault.arguments[0] != "run" { #expect(left.isEmpty) }
    }

    @Test("a run that fails early leaves an earlier run as it was, and one that fails later mixes the two in nothing")
    func failedRun() throws {
        let folder = try SmallLog.folder()
        try #require(Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url).status == 0)
        let before = try folder.names()
        let summary = try folder.read("run/summary.json")
        try folder.write(SmallLog.pipeline.replacing("ratings.csv", with: "nowhere.csv"), to: "early.yaml")
        #expect(try Plumb.run(["run", "early.yaml", "-o", "run", "-q"], in: folder.url).status == 2)
        #expect(try folder.names() == (before + ["early.yaml"]).sorted())
        #expect(try folder.read("run/summary.json") == summary)
        try folder.write(SmallLog.pipeline.replacing("rating >= 4", with: "rating >= 9"), to: "late.yaml")
        #expect(try Plumb.run(["run", "late.yaml", "-o", "run", "-q"], in: folder.url).status == 2)
        let left = try folder.names().filter { $0.hasPrefix("run/") && !$0.hasPrefix("run/store/") }
        #expect(left == ["run/stages.json", "run/store", "run/vocabulary.arrows"])
    }

    @Test("a run with fewer seeds leaves none of an earlier run's")
    func fewerSeeds() throws {
        let folder = try SmallLog.folder()
        try #require(Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url).status == 0)
        try #require(Plumb.run(["run", "p.yaml", "-o", "run", "-q", "--seeds", "1"], in: folder.url).status == 0)
        #expect(try !folder.names().contains("run/seed-2"))
    }

    @Test("a run never writes among files that are not a run's")
    func foreignFolder() throws {
        let folder = try SmallLog.folder()
        let before = try folder.names()
        let result = try Plumb.run(["run", "p.yaml", "-o", "."], in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.contains("is no run folder: it holds movies.csv"), "\(result.errors)")
        #expect(try folder.names() == before)
    }

    @Test("files of different stores are not taken together")
    func mixedStores() throws {
        let folder = try SmallLog.folder()
        try #require(Plumb.run(["run", "p.yaml", "-o", "a", "-q", "--seeds", "1"], in: folder.url).status == 0)
        try #require(
            Plumb.run(
                ["run", "p.yaml", "-o", "b", "-q", "--seeds", "1"], in: folder.url,
                environment: ["PLUMB_PARTITION_SPLIT": "0.5,0.2,0.3"]
            ).status == 0)
        for (ctr, model, says) in [
            ("a/ctr.json", "b/seed-1/model.safetensors", "measured on another store"),
            ("b/ctr.json", "a/seed-1/model.safetensors", "trained on another store"),
        ] {
            let result = try Plumb.run(
                ["finetune", "b/store", "--ctr", ctr, "--model", model, "-o", "out"], in: folder.url)
            #expect(result.status == 2)
            #expect(result.errors.contains(says), "\(result.errors)")
        }
        #expect(try Plumb.run(["correct", "b/store", "--ctr", "a/ctr.json", "-o", "out"], in: folder.url).status == 2)
    }

    @Test("predictions of different settings or stores are not summarised together")
    func mixedPredictions() throws {
        let folder = try SmallLog.folder()
        for (name, environment) in [
            ("a", [:]), ("rate", ["PLUMB_FINETUNE_LEARNING_RATE": "0.2"]),
            ("store", ["PLUMB_PARTITION_SPLIT": "0.6,0.1,0.3"]),
        ] {
            let run = try Plumb.run(["run", "p.yaml", "-o", name, "-q"], in: folder.url, environment: environment)
            try #require(run.status == 0)
        }
        for (other, says) in [("rate", "fine-tuned with different settings"), ("store", "made from different stores")] {
            let result = try Plumb.run(
                ["evaluate", "a/seed-1/predictions.arrows", "\(other)/seed-2/predictions.arrows", "-o", "out"],
                in: folder.url)
            #expect(result.status == 2)
            #expect(result.errors.contains(says), "\(result.errors)")
            #expect(try !folder.names().contains("out"))
        }
    }

    @Test("a truncated zip is refused wherever it is cut")
    func truncatedZip() throws {
        let folder = try SmallLog.folder()
        let archive = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "samples/ml-latest-small.zip")
        let whole = try Data(contentsOf: archive)
        try folder.write(
            """
            ingest:
              sources: {log: {path: cut.zip, entry: "*/ratings.csv"}}
              user: userId
              time: timestamp
              label: rating >= 4
            """, to: "zip.yaml")
        for length in [30, 5000, whole.count / 2, whole.count - 100, whole.count - 1] {
            try whole.prefix(length).write(to: folder.url.appending(path: "cut.zip"))
            let result = try Plumb.run(["ingest", "-p", "zip.yaml", "-o", "out"], in: folder.url)
            #expect(result.status == 2, "cut at \(length)")
            #expect(result.errors.hasPrefix("plumb: cut.zip"), "\(result.errors)")
            #expect(try !folder.names().contains { $0.contains("out") })
        }
    }

    @Test(
        "a reader that goes away, as `head` does, ends it quietly with 0, but for a word on what it then does not write",
        arguments: [false, true])
    func closedPipe(wantsVocabulary: Bool) throws {
        let folder = try SmallLog.folder()
        // More than a pipe and the command's own queues hold, so that the reader leaves before the end.
        let rows = SmallLog.ratings.split(separator: "\r\n", maxSplits: 1)[1]
        try folder.write(SmallLog.ratings + String(repeating: String(rows), count: 100), to: "ratings.csv")
        let running = try Plumb.start(
            ["ingest", "-p", "p.yaml", "--to", "jsonl", "-q"] + (wantsVocabulary ? ["--vocabulary", "v.arrows"] : []),
            in: folder.url, input: FileHandle.nullDevice)
        _ = try running.output.fileHandleForReading.read(upToCount: 10)
        try running.output.fileHandleForReading.close()
        running.process.waitUntilExit()
        let errors = running.errors.fileHandleForReading.bytesToEnd()
        #expect(running.process.terminationStatus == 0)
        let word = "plumb ingest: v.arrows was not written: the samples' reader left before the log's end\n"
        #expect(String(decoding: errors, as: UTF8.self) == (wantsVocabulary ? word : ""))
        #expect(try !folder.names().contains("v.arrows"))
    }

    @Test("an earlier output survives a failure")
    func earlierOutput() throws {
        let folder = try SmallLog.folder()
        try folder.write("kept", to: "out")
        #expect(try Plumb.run(["ingest", "nowhere.csv", "-p", "p.yaml", "-o", "out"], in: folder.url).status == 2)
        #expect(try folder.read("out") == Data("kept".utf8))
    }

    @Test("data goes to standard output, the account to standard error, and `-q` silences it")
    func streams() throws {
        let folder = try SmallLog.folder()
        let loud = try Plumb.run(["ingest", "-p", "p.yaml", "--to", "csv", "--summary", "s.json"], in: folder.url)
        #expect(loud.text.hasPrefix("user,time,label,item,genres\n"))
        let rows = loud.text.split(separator: "\n").count - 1
        #expect(loud.errors.hasPrefix("plumb ingest: \(rows) read, \(rows) kept, 0 rejected"))
        #expect(loud.errors.split(separator: "\n").count == 1)
        #expect(try String(decoding: folder.read("s.json"), as: UTF8.self).contains("\"read\":\(rows)"))
        let quiet = try Plumb.run(["ingest", "-p", "p.yaml", "--to", "csv", "-q"], in: folder.url)
        #expect(quiet.errors.isEmpty)
        #expect(quiet.output == loud.output)
    }

    @Test("shows each setting with its origin")
    func printConfig() throws {
        let folder = try SmallLog.folder()
        let result = try Plumb.run(
            ["train", "-p", "p.yaml", "--epochs", "9", "--print-config"], in: folder.url,
            environment: ["PLUMB_TRAIN_PATIENCE": "4"])
        let lines = result.text.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.contains("epochs: 9") && $0.hasSuffix("# --epochs") })
        #expect(lines.contains { $0.contains("patience: 4") && $0.hasSuffix("# PLUMB_TRAIN_PATIENCE") })
        #expect(lines.contains { $0.contains("batch_size: 64") && $0.contains("# p.yaml:18:") })
        #expect(lines.contains { $0.contains("model: deepfm") && $0.hasSuffix("# default") })
    }

    @Test(
        "a mode that is left out does not take the next word for one",
        arguments: [
            ["run", "--print-config", "p.yaml"], ["run", "--print-config", "--progress", "p.yaml"],
            ["run", "--progress", "p.yaml", "--print-config=origins"], ["run", "p.yaml", "--print-config"],
            ["run", "--progress=log", "--print-config", "origins", "p.yaml"],
            ["run", "--progress", "log", "--print-config", "--", "p.yaml"],
        ])
    func modesLeftOut(arguments: [String]) throws {
        let folder = try SmallLog.folder()
        let result = try Plumb.run(arguments, in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("# p.yaml:18:"))
        let values = try Plumb.run(arguments.map { $0.replacing("origins", with: "values") }, in: folder.url)
        #expect(values.text.contains("#") == !arguments.contains { $0.contains("origins") })
        #expect(result.errors.isEmpty)
    }

    @Test(
        "every subcommand explains itself",
        arguments: [
            "ingest", "partition", "ctr", "ctr measure", "ctr merge", "ctr device", "train", "correct", "finetune",
            "evaluate", "run", "validate", "inspect", "import", "export", "synth", "completions",
        ])
    func help(subcommand: String) throws {
        let folder = try TemporaryFolder()
        let result = try Plumb.run(subcommand.split(separator: " ").map(String.init) + ["--help"], in: folder.url)
        #expect(result.status == 0)
        #expect(result.text.contains("USAGE: plumb \(subcommand)"))
        #expect(result.errors.isEmpty)
    }
}
