import ByteStreams
import Foundation
import LogIngest
import Samples
import Synchronization
import Testing

@testable import Pipelines

@Suite("A run")
struct PipelineRunTests {
    static let steps = [
        "partition", "ctr", "train, seed 1", "train, seed 2", "finetune, seed 1", "finetune, seed 2", "evaluate",
    ]
    private static let summaryRedone = "evaluate: redone, an earlier stage was"

    @Test("skips all that was done where nothing changed, touches no file, and comes to the same")
    func nothingChanged() async throws {
        let small = try SmallRun()
        let first = try await small.run()
        #expect(first.lines == Self.steps.map { "\($0): new, not done before" })
        #expect(first.outcome.ingest?.progress.rowsKept == 300)
        let contents = try small.contents(of: "run")
        #expect(contents.keys.sorted() == SmallRun.results)
        let times = try SmallRun.results.map { try small.modified("run/\($0)") }
        let again = try await small.run()
        #expect(again.lines == Self.steps.map { "\($0): skipped" })
        #expect(again.outcome.ingest == nil)
        #expect(again.outcome.summary == first.outcome.summary)
        #expect(again.outcome.ctr == first.outcome.ctr)
        #expect(try small.contents(of: "run") == contents)
        #expect(try SmallRun.results.map { try small.modified("run/\($0)") } == times)
    }

    @Test("skips old files whose stamps are those of an earlier run, and finds out one whose time was set back")
    func stamps() async throws {
        let small = try SmallRun()
        _ = try await small.run()
        for name in SmallRun.results { try small.age("run/\(name)") }
        // This one reads the results, since their stamps are others, and takes their new ones down.
        #expect(try await small.run().done == [])
        #expect(try await small.run().done == [])
        try small.flipUnseen("run/seed-1/predictions.arrows")
        #expect(try await small.run().done != [])
    }

    @Test("reads a log again that was written when it began: another write at that time may not show")
    func racyLog() async throws {
        let small = try SmallRun()
        // However slow the machine is, this time does not lie two seconds back.
        try small.age("log.csv", hours: -1)
        _ = try await small.run()
        #expect(try await small.run().done == [])
        try small.flipUnseen("log.csv")
        #expect(try await small.run().done.first == "partition: redone, the log changed: log.csv")
    }

    @Test(
        "says how long each step took when it was done: of one that is skipped later still, and nothing depends on it")
    func seconds() async throws {
        let small = try SmallRun()
        _ = try await small.run()
        func seconds() throws -> [Double?] {
            try RunRecord(json: Array(small.read("run/stages.json")), name: "stages.json").entries.map(\.seconds)
        }
        #expect(try seconds().count == Self.steps.count && !seconds().contains(nil))
        // Times as no step takes them, and none for one: such a folder is that of an earlier build.
        var record = try RunRecord(json: Array(small.read("run/stages.json")), name: "stages.json")
        for (place, entry) in record.entries.enumerated() {
            var entry = entry
            entry.seconds = place == 1 ? nil : 1e6 + Double(place)
            record[entry.origin.step] = entry
        }
        try small.write(String(decoding: record.json, as: UTF8.self), to: "run/stages.json")
        #expect(try await small.run().done == [])
        #expect(try seconds() == record.entries.map(\.seconds))
        let redone = try await small.run(SmallRun.Options(settings: ["finetune.epochs": "2"]))
        #expect(redone.done.count == 3)
        #expect(try Array(seconds().prefix(4)) == record.entries.prefix(4).map(\.seconds))
        #expect(try seconds().dropFirst(4).allSatisfy { ($0 ?? 1e6) < 1e6 })
    }

    /// Something that changes between two runs, and the steps that the second one does, with the reasons that it tells.
    struct Change: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var options = SmallRun.Options()
        var make: @Sendable (SmallRun) throws -> Void = { _ in }
        var done: [String]
    }

    private static func seeds(_ stage: String, _ reason: String) -> [String] {
        (1...2).map { "\(stage), seed \($0): \(reason)" }
    }

    /// All steps after the first, where the store is another one.
    private static let otherStore =
        ["ctr: redone, store changed"] + seeds("train", "redone, store changed")
        + seeds("finetune", "redone, store changed")

    static let changes: [Change] = [
        Change(
            testDescription: "settings that change no byte, and the number of threads",
            options: SmallRun.Options(
                settings: ["partition.memory": "1MiB", "ingest.batch_rows": "7", "name": "other"], threads: 3),
            done: []),
        Change(
            testDescription: "the split", options: SmallRun.Options(settings: ["partition.split": "0.5,0.2,0.3"]),
            done: [
                "partition: redone, settings changed: partition.split [0.7, 0.1, 0.2] → [0.5, 0.2, 0.3]"
            ] + otherStore + ["evaluate: redone, seed-1/metrics.json changed"]),
        Change(
            testDescription: "a limit that the log is far from",
            options: SmallRun.Options(settings: ["ingest.limits.entries": "5"]),
            done: ["partition: redone, settings changed: ingest.limits.entries 100000 → 5", summaryRedone]),
        Change(
            testDescription: "training", options: SmallRun.Options(settings: ["train.learning_rate": "0.1"]),
            done: seeds("train", "redone, settings changed: train.learning_rate 0.001 → 0.1")
                + (1...2).map { "finetune, seed \($0): redone, seed-\($0)/model.safetensors changed" }
                + ["evaluate: redone, seed-1/metrics.json changed"]),
        Change(
            testDescription: "training, to the same model",
            options: SmallRun.Options(settings: ["train.patience": "9"]),
            done: seeds("train", "redone, settings changed: train.patience 3 → 9") + [summaryRedone]),
        Change(
            testDescription: "fine-tuning",
            options: SmallRun.Options(settings: ["finetune.epochs": "2", "finetune.single_class": "tune"]),
            done: seeds(
                "finetune",
                "redone, settings changed: finetune.epochs 1 → 2, finetune.single_class skip → tune")
                + ["evaluate: redone, seed-1/metrics.json changed"]),
        Change(
            testDescription: "what is evaluated", options: SmallRun.Options(settings: ["evaluate.part": "validation"]),
            done: seeds("finetune", "redone, settings changed: evaluate.part test → validation")
                + ["evaluate: redone, settings changed: evaluate.part test → validation"]),
        Change(
            testDescription: "a seed more", options: SmallRun.Options(settings: ["seeds": "1,2,3"]),
            done: [
                "train, seed 3: new, not done before", "finetune, seed 3: new, not done before",
                "evaluate: redone, seed-3/metrics.json is new",
            ]),
        Change(
            testDescription: "a seed less", options: SmallRun.Options(settings: ["seeds": "2"]),
            done: ["evaluate: redone, seed-1/metrics.json is gone"]),
        Change(
            testDescription: "the version", options: SmallRun.Options(version: "2"),
            done: steps.map { "\($0): redone, made by version 1" }),
        Change(
            testDescription: "a stage that is asked for", options: SmallRun.Options(from: .finetune),
            done: seeds("finetune", "redone, as asked") + ["evaluate: redone, as asked"]),
        Change(
            testDescription: "one byte of the log", make: { try $0.flip("log.csv") },
            done: ["partition: redone, the log changed: log.csv"] + otherStore
                + ["evaluate: redone, seed-1/metrics.json changed"]),
        Change(
            testDescription: "the log, so that the store is the same", make: { try $0.append("\n", to: "log.csv") },
            done: ["partition: redone, the log changed: log.csv", summaryRedone]),
        Change(
            testDescription: "the log's time alone", make: { try $0.age("log.csv", hours: 2) }, done: []),
        Change(
            testDescription: "a side table", make: { try $0.append("77,k9\n", to: "items.csv") },
            done: ["partition: redone, the side table `items` changed: items.csv", summaryRedone]),
        Change(
            testDescription: "a table that no feature uses", make: { try $0.append("3,4\n", to: "unused.csv") },
            done: []
        ),
        Change(
            testDescription: "a byte of the store", make: { try $0.flip("run/store/bucket-0001.arrows") },
            done: ["partition: redone, store/bucket-0001.arrows was changed since", summaryRedone]),
        Change(
            testDescription: "the store is gone", make: { try $0.remove("run/store") },
            done: ["partition: redone, store/bucket-0000.arrows is missing", summaryRedone]),
        Change(
            testDescription: "the vocabulary is gone", make: { try $0.remove("run/vocabulary.arrows") },
            done: ["partition: redone, vocabulary.arrows is missing", summaryRedone]),
        Change(
            testDescription: "ctr.json is gone", make: { try $0.remove("run/ctr.json") },
            done: ["ctr: redone, ctr.json is missing", summaryRedone]),
        Change(
            testDescription: "a byte of a model", make: { try $0.flip("run/seed-2/model.safetensors") },
            done: ["train, seed 2: redone, seed-2/model.safetensors was changed since", summaryRedone]),
        Change(
            testDescription: "a byte of predictions", make: { try $0.flip("run/seed-1/predictions.arrows") },
            done: ["finetune, seed 1: redone, seed-1/predictions.arrows was changed since", summaryRedone]),
        Change(
            testDescription: "a seed's folder is gone", make: { try $0.remove("run/seed-1") },
            done: [
                "train, seed 1: redone, seed-1/model.safetensors is missing",
                "finetune, seed 1: redone, seed-1/predictions.arrows is missing", summaryRedone,
            ]),
        Change(
            testDescription: "the summary is cut", make: { try $0.write("{", to: "run/summary.json") },
            done: ["evaluate: redone, summary.json was changed since"]),
        Change(
            testDescription: "rejects of a run that failed", make: { try $0.write("{}\n", to: "run/rejects.jsonl") },
            done: []),
        Change(
            testDescription: "the record is gone", make: { try $0.remove("run/stages.json") },
            done: ["partition: redone, nothing says how it was made"]
                + steps.dropFirst().map { "\($0): new, not done before" }),
        Change(
            testDescription: "the record is none", make: { try $0.write("{\"format\": 1", to: "run/stages.json") },
            done: steps.map { "\($0): redone, stages.json cannot be read" }),
        Change(
            testDescription: "a fingerprint in the record",
            make: { small in
                let text = String(decoding: try small.read("run/stages.json"), as: UTF8.self)
                let record = try RunRecord(json: Array(text.utf8), name: "stages.json")
                let fingerprint = record[RunStep(.ctr)]?.fingerprint ?? ""
                try small.write(text.replacing(fingerprint, with: "0"), to: "run/stages.json")
            }, done: ["ctr: redone, stages.json was changed", summaryRedone]),
    ]

    @Test("does what a change touches, no more and no less, and says why", arguments: changes)
    func redoes(_ change: Change) async throws {
        let small = try SmallRun()
        _ = try await small.run()
        // So that stamps tell: those of a file that was just written do not.
        for name in SmallRun.results { try small.age("run/\(name)") }
        _ = try await small.run()
        try change.make(small)
        let report = try await small.run(change.options)
        #expect(report.done == change.done)
        // The same as in one go, in a new folder.
        let clean = try await small.run(into: "clean", change.options)
        #expect(clean.done.count == clean.lines.count)
        #expect(try small.contents(of: "run") == small.contents(of: "clean"))
        #expect(report.outcome.summary == clean.outcome.summary)
        #expect(report.outcome.ctr == clean.outcome.ctr)
        #expect(try await small.run(change.options.withoutFrom).done == [])
    }

    @Test("stops after the stage that is named, and goes on from there", arguments: RunStage.allCases)
    func until(_ stage: RunStage) async throws {
        let small = try SmallRun()
        _ = try await small.run(into: "clean")
        let until = try await small.run(SmallRun.Options(until: stage))
        let wanted = Self.steps.filter { step in
            RunStage.allCases.contains { $0 <= stage && step.hasPrefix($0.rawValue) }
        }
        #expect(until.lines == wanted.map { "\($0): new, not done before" })
        #expect((until.outcome.ctr == nil) == (stage < .ctr))
        #expect((until.outcome.summary == nil) == (stage < .evaluate))
        let results = try small.files(in: "run").filter { $0 != "stages.json" }
        #expect(results == SmallRun.results.filter { Self.stage(of: $0) <= stage })
        let rest = try await small.run()
        #expect(rest.done == Self.steps.dropFirst(wanted.count).map { "\($0): new, not done before" })
        #expect(try small.contents(of: "run") == small.contents(of: "clean"))
    }

    private static func stage(of result: String) -> RunStage {
        switch result.split(separator: "/").last {
        case "ctr.json": .ctr
        case "model.safetensors": .train
        case "predictions.arrows", "metrics.json": .finetune
        case "summary.json": .evaluate
        default: .partition
        }
    }

    @Test("that is cancelled at any event leaves nothing half-made, and the next one comes to the same bytes")
    func cancelled() async throws {
        let small = try SmallRun()
        _ = try await small.run(into: "clean")
        let clean = try small.contents(of: "clean")
        // Into a new folder, and over a finished run of other settings.
        for before in [nil, SmallRun.Options(settings: ["partition.split": "0.5,0.2,0.3"])] {
            var events = 0
            while true {
                if let before { _ = try await small.run(before) }
                let seen = Mutex(0)
                let mark = events
                // In a task of its own, which the test survives.
                let isWhole = await Task {
                    do {
                        _ = try await small.run { _ in
                            let isReached = seen.withLock { seen in
                                seen += 1
                                return seen > mark
                            }
                            if isReached { withUnsafeCurrentTask { $0?.cancel() } }
                        }
                        return true
                    } catch {
                        #expect((error as? StageError)?.code == .cancelled)
                        return false
                    }
                }.value
                let left = try small.files(in: "run")
                #expect(!left.contains { $0.contains(".partial") }, "\(left)")
                if left.contains("summary.json"), before == nil || isWhole {
                    #expect(try small.contents(of: "run") == clean)
                }
                _ = try await small.run()
                #expect(try small.contents(of: "run") == clean, "cancelled at event \(events)")
                try small.remove("run")
                if seen.withLock({ $0 }) <= mark { break }
                events += 1
            }
            // Or nothing was cancelled at all.
            #expect(events >= Self.steps.count)
        }
    }

    @Test("reads a log again that was changed while it was read")
    func changedWhileRead() async throws {
        let small = try SmallRun()
        let first = try await small.run { event in
            if case .began(RunStep(.partition), _) = event { try? small.append("\n", to: "log.csv") }
        }
        #expect(first.lines[1] == "changed: log.csv")
        let again = try await small.run()
        #expect(again.done == ["partition: redone, the log changed: log.csv", Self.summaryRedone])
        #expect(try await small.run().done == [])
    }

    @Test("removes the summary before anything else that it is over", arguments: ["model.safetensors", "metrics.json"])
    func summaryFirst(name: String) async throws {
        let small = try SmallRun()
        _ = try await small.run()
        // What cannot be removed stops the run right there.
        try small.remove("run/seed-1/\(name)")
        try FileManager.default.createDirectory(
            at: small.url.appending(path: "run/seed-1/\(name)/held"), withIntermediateDirectories: true)
        let error = await #expect(throws: StageError.self) {
            _ = try await small.run(SmallRun.Options(settings: ["seeds": "2"]))
        }
        #expect(error?.message.hasPrefix("cannot remove") == true)
        #expect(try !small.files(in: "run").contains("summary.json"))
        try small.remove("run/seed-1/\(name)")
        _ = try await small.run()
        _ = try await small.run(into: "clean")
        #expect(try small.contents(of: "run") == small.contents(of: "clean"))
    }

    @Test("is refused in a folder where another one works, and leaves it alone")
    func secondRun() async throws {
        let small = try SmallRun()
        try FileManager.default.createDirectory(at: small.url.appending(path: "run"), withIntermediateDirectories: true)
        do {
            guard case .held(let lock) = try PathLock.take(small.path("run")) else {
                Issue.record("the folder is free")
                return
            }
            let error = await #expect(throws: StageError.self) { _ = try await small.run() }
            #expect(error?.message == "another run is working in this folder")
            #expect(FileManager.default.fileExists(atPath: small.path("run")))
            withExtendedLifetime(lock) {}
        }
        #expect(try await small.run().done.count == Self.steps.count)
    }

    @Test("removes what a killed one left half-made, but nothing that somebody is still writing")
    func leftovers() async throws {
        let small = try SmallRun()
        _ = try await small.run()
        let before = try small.files(in: "run")
        try FileManager.default.createDirectory(
            at: small.url.appending(path: "run/.store.partial"), withIntermediateDirectories: true)
        let left = [
            ".store.partial/bucket-0000.arrows", ".rejects.jsonl.partial", ".stages.json.partial",
            "seed-2/.predictions.arrows.partial",
        ]
        for name in left { try small.write("half", to: "run/\(name)") }
        let writer = try OutputFile(path: small.path("run/seed-1/model.safetensors"))
        try writer.write([1, 2, 3])
        #expect(try await small.run().done == [])
        #expect(try small.files(in: "run") == (before + ["seed-1/.model.safetensors.partial"]).sorted())
        #expect(!FileManager.default.fileExists(atPath: small.path("run/.store.partial")))
        // Still the writer's.
        try writer.publish()
        #expect(try small.read("run/seed-1/model.safetensors") == Data([1, 2, 3]))
    }
}

extension SmallRun.Options {
    /// The same without a stage that is done whatever the record says.
    fileprivate var withoutFrom: Self {
        var options = self
        options.from = nil
        return options
    }
}
