import CloudTraining
import Evaluation
import Foundation
import LogIngest
import Samples
import Synchronization
import Testing

@testable import Pipelines

/// A study over the log of a small run, in a folder that goes when the test ends.
private struct SmallStudy {
    let small: SmallRun

    static let text = """
        data_sets:
          one: {pipeline: p.yaml, partition: {split: [0.5, 0.2, 0.3]}}
          two:
            pipeline: p.yaml
            partition: {split: [0.5, 0.2, 0.3], history: {features: [item], length: 3}}
            models: [fm]
          gone:
            pipeline: p.yaml
            missing: skip
            ingest: {sources: {log: {path: no-log.csv}}}
        models:
          lr: {}
          fm: {embedding_dimension: 2, epochs: 1}
        corrections: [rescale, additive]
        schedules:
          soft: {learning_rate: 0.01}
          hard: {learning_rate: 0.5, epochs: 2}
        seeds: [1, 2]
        resamples: 50
        """

    init(_ text: String = Self.text) throws {
        small = try SmallRun()
        try small.write(text, to: "s.yaml")
    }

    /// What a study said and came to.
    struct Report {
        var made: [String]
        var leftOut: [String]
        var progress: StudyProgress
        var results: StudyResults
    }

    func run(into folder: String = "study", threads: Int = 1, version: String = "1") async throws -> Report {
        let made = Mutex<[String]>([])
        let leftOut = Mutex<[String]>([])
        let run = StudyRun(
            try await Study(path: small.path("s.yaml")), into: StudyFolder(path: small.path(folder)), threads: threads,
            version: version
        ) { event in
            switch event {
            case .made(let name, _, _): made.withLock { $0.append(name) }
            case .leftOut(let dataSet, _): leftOut.withLock { $0.append(dataSet) }
            default: break
            }
        }
        let results = try await run.run()
        return Report(
            made: made.withLock { $0.sorted() }, leftOut: leftOut.withLock { $0 }, progress: run.progress,
            results: results)
    }

    /// All that a study makes, records with their stamps left out.
    func contents(_ folder: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try small.files(in: folder) where !name.hasSuffix("record.json") && !name.hasSuffix("stages.json") {
            contents[name] = try small.read("\(folder)/\(name)")
        }
        return contents
    }
}

@Suite("A study")
struct StudyRunTests {
    @Test("makes one model a seed and one cell a schedule, and nothing twice")
    func nothingTwice() async throws {
        let study = try SmallStudy()
        let first = try await study.run()
        // Three models on data sets, two seeds, each a model, the untuned arms and two schedules.
        #expect(first.made.count == 3 * 2 * 4 && first.progress.made == 24 && first.progress.total == 24)
        #expect(first.leftOut == ["gone"] && first.results.leftOut.map(\.about.name) == ["gone"])
        #expect(first.results.dataSets.map(\.about.name) == ["one", "two"])
        #expect(first.results.dataSets.map { $0.models.map(\.name) } == [["lr", "fm"], ["fm"]])
        let contents = try study.contents("study")
        #expect(contents.keys.contains("study.json"))
        let again = try await study.run()
        #expect(again.made == [] && again.progress.found == 24)
        #expect(again.results == first.results)
        #expect(try study.contents("study") == contents)
        #expect(try await study.run(version: "2").made.count == 24)
    }

    @Test("comes to the same bytes for any number of threads")
    func sameBytes() async throws {
        let study = try SmallStudy()
        _ = try await study.run(into: "a", threads: 1)
        _ = try await study.run(into: "b", threads: 4)
        #expect(try study.contents("a") == study.contents("b"))
    }

    @Test("makes only what is missing, changed, or new")
    func partly() async throws {
        let study = try SmallStudy()
        _ = try await study.run()
        let contents = try study.contents("study")
        let cell = "cells/one/fm/seed-2/hard.tuned.arrows"
        try study.small.remove("study/\(cell)")
        #expect(try await study.run().made == [cell])
        try study.small.flip("study/\(cell)")
        #expect(try await study.run().made == [cell])
        try study.small.flip("study/models/one/lr/seed-1.safetensors")
        #expect(try await study.run().made == ["models/one/lr/seed-1.safetensors"])
        #expect(try study.contents("study") == contents)
        // A damaged record vouches for nothing.
        try study.small.write("{", to: "study/record.json")
        #expect(try await study.run().made.count == 24)
        #expect(try study.contents("study") == contents)

        let more = SmallStudy.text.replacing("seeds:", with: "  late: {epochs: 3}\nseeds:")
        try study.small.write(more, to: "s.yaml")
        let late = try await study.run()
        #expect(late.made.count == 6 && late.made.allSatisfy { $0.hasSuffix("/late.tuned.arrows") })
        #expect(late.results.dataSets[0].models[0].schedules.map(\.name) == ["soft", "hard", "late"])
        try study.small.write(more.replacing("resamples: 50", with: "resamples: 60"), to: "s.yaml")
        let other = try await study.run()
        #expect(other.made == [] && other.results != late.results)
    }

    @Test("comes to what runs with the same settings come to, seed by seed")
    func sameAsRuns() async throws {
        let study = try SmallStudy()
        let results = try await study.run().results
        let model = try #require(results.dataSets[0].models.first { $0.name == "fm" })
        let hard = try #require(model.schedules.first { $0.name == "hard" })
        let cells = "study/cells/one/fm"
        for seed in [1, 2] {
            let run = try await study.small.run(
                into: "run",
                SmallRun.Options(settings: [
                    "partition.split": "0.5,0.2,0.3", "train.model": "fm", "train.embedding_dimension": "2",
                    "train.epochs": "1", "finetune.learning_rate": "0.5", "finetune.epochs": "2", "seeds": "\(seed)",
                ]))
            let arms = try #require(run.outcome.summary).arms
            for (name, file) in [("finetuned", "hard.tuned"), ("corrected_prior", "hard.tuned"), ("cloud", "untuned")] {
                let place = "\(cells)/seed-\(seed)/\(file).arrows"
                let cell = try StudyCell(arrowStream: [UInt8](study.small.read(place)), name: place)
                let own = try #require(cell.test.metrics.arms.first { $0.arm == name })
                let other = try #require(arms.first { $0.name == name })
                for metric in Metric.allCases { #expect(own[metric] == other[metric].mean, "\(name) \(metric)") }
            }
            let gauc = try #require(arms.first { $0.name == "finetuned" })[.gauc].mean
            let found = hard.test.comparisons.first { $0.a == "finetuned" && $0.metric == .gauc }
            let cloud = try #require(arms.first { $0.name == "cloud" })[.gauc].mean
            let difference = try #require(found?.difference.values[seed - 1])
            #expect(try abs(difference - (#require(gauc) - #require(cloud))) < 1e-12)
        }
    }

    @Test("reads each of several paths from its own folder, whatever the working folder is")
    func paths() async throws {
        let study = try SmallStudy(
            SmallStudy.text.replacing(
                "one: {pipeline: p.yaml, partition",
                with: "one: {pipeline: p.yaml, ingest: {sources: {log: {path: [log.csv, more.csv]}}}, partition"))
        let file = try await Study(path: study.small.path("s.yaml"))
        let log = try #require(file.pipeline(file.dataSets[0]).ingest?.sources.first { $0.name == "log" })
        #expect(log.paths == [study.small.path("log.csv"), study.small.path("more.csv")])
    }

    @Test("leaves no results of before beside files of now")
    func resultsGo() async throws {
        let study = try SmallStudy()
        _ = try await study.run()
        try study.small.write(SmallStudy.text.replacing("seeds: [1, 2]", with: "seeds: [1, 3]"), to: "s.yaml")
        let file = try await Study(path: study.small.path("s.yaml"))
        let folder = StudyFolder(path: study.small.path("study"))
        let stands = Mutex<Bool?>(nil)
        let run = StudyRun(file, into: folder, threads: 1, version: "1") { event in
            if case .made = event {
                stands.withLock { $0 = $0 ?? FileManager.default.fileExists(atPath: folder.results) }
            }
        }
        _ = try await run.run()
        #expect(stands.withLock { $0 } == false)
        #expect(FileManager.default.fileExists(atPath: folder.results))
    }

    @Test("removes what a killed one left half-made")
    func leftovers() async throws {
        let study = try SmallStudy()
        _ = try await study.run()
        let left = ["study/.study.json.partial", "study/cells/one/fm/seed-1/.old.tuned.arrows.partial"]
        for name in left { try study.small.write("x", to: name) }
        _ = try await study.run()
        #expect(try study.small.files(in: "study").filter { $0.hasSuffix(".partial") } == [])
    }

    @Test("hides histories from models that are not made for them")
    func histories() async throws {
        let study = try SmallStudy(
            SmallStudy.text.replacing("models: [fm]", with: "models: [fm, din]").replacing(
                "corrections:", with: "  din: {hidden_sizes: [4], attention_sizes: [4], epochs: 1}\ncorrections:"))
        let file = try await Study(path: study.small.path("s.yaml"))
        let two = file.dataSets[1]
        let models = file.models(of: two)
        #expect(models.map(\.name) == ["fm", "din"])
        #expect(file.pipeline(two, models[0]).train.features == ["item", "kind"])
        #expect(file.pipeline(two, models[1]).train.features == nil)
        #expect(file.pipeline(file.dataSets[0], models[0]).train.features == nil)
    }

    @Test("goes on from what a cancelled one left, to the same bytes")
    func cancelled() async throws {
        let study = try SmallStudy()
        _ = try await study.run(into: "whole")
        let file = try await Study(path: study.small.path("s.yaml"))
        let folder = StudyFolder(path: study.small.path("part"))
        let task = Mutex<Task<Void, Never>?>(nil)
        let begun = Task {
            let run = StudyRun(file, into: folder, threads: 1, version: "1") { event in
                if case .made(_, _, let progress) = event, progress.made == 5 { task.withLock { $0?.cancel() } }
            }
            await #expect(throws: StageError.cancelled) { try await run.run() }
        }
        task.withLock { $0 = begun }
        await begun.value
        #expect(!FileManager.default.fileExists(atPath: folder.results))
        let rest = try await study.run(into: "part")
        #expect(rest.progress.found >= 5 && rest.progress.made > 0)
        #expect(try study.contents("part") == study.contents("whole"))
    }

    @Test("fails where a log is missing that may not be, and where the folder is no study's")
    func failures() async throws {
        let study = try SmallStudy(SmallStudy.text.replacing("missing: skip", with: "missing: fail"))
        let missing = await #expect(throws: StageError.self) { try await study.run() }
        #expect(missing?.code == .environment && missing?.position?.file.hasSuffix("no-log.csv") == true)
        try FileManager.default.createDirectory(
            atPath: study.small.path("other"), withIntermediateDirectories: true)
        try study.small.write("x", to: "other/mine.txt")
        let stranger = await #expect(throws: StageError.self) { try await study.run(into: "other") }
        #expect(stranger?.message.contains("mine.txt") == true)
        #expect(try study.small.files(in: "other") == ["mine.txt"])
    }

    /// A change of the study file, and what is said of it.
    struct Fault: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var old: String
        var new: String
        var line: Int
        var text: String
    }

    static let faults = [
        Fault(
            testDescription: "an unknown setting of a model", old: "epochs: 1}", new: "epoch: 1}", line: 13,
            text: "there is no setting `train.epoch`"),
        Fault(
            testDescription: "an unknown setting of a schedule", old: "soft: {learning_rate: 0.01}",
            new: "soft: {rate: 0.01}", line: 16, text: "there is no setting `finetune.rate`"),
        Fault(
            testDescription: "a bad value", old: "learning_rate: 0.5", new: "learning_rate: -1", line: 17,
            text: "`finetune.learning_rate` must be a number above 0, is `-1`"),
        Fault(
            testDescription: "a model that is none", old: "  lr: {}", new: "  big: {model: huge}", line: 12,
            text: "`train.model` must be one of"),
        Fault(
            testDescription: "a model's name that is no kind", old: "  lr: {}", new: "  lrr: {}", line: 12,
            text: "the model `lrr` is of no kind; did you mean `lr`?"),
        Fault(
            testDescription: "a name that is no file's", old: "  soft:", new: "  so/ft:", line: 16,
            text: "files are named so"),
        Fault(
            testDescription: "a data set's model that is not there", old: "models: [fm]", new: "models: [fn]", line: 2,
            text: "names the model `fn`"),
        Fault(
            testDescription: "a method that is none", old: "additive]", new: "additve]", line: 14,
            text: "`corrections` must hold methods out of"),
        Fault(
            testDescription: "a key that is none", old: "resamples: 50", new: "resample: 50", line: 19,
            text: "did you mean `resamples`?"),
        Fault(
            testDescription: "a setting that the study decides", old: "partition: {split: [0.5, 0.2, 0.3]}}",
            new: "correct: {method: additive}}", line: 2, text: "a study takes its methods from `corrections`"),
        Fault(
            testDescription: "a seed twice", old: "[1, 2]", new: "[1, 1]", line: 18, text: "none of them twice"),
    ]

    @Test("tells what is wrong with its file, with the place", arguments: faults)
    func tells(_ fault: Fault) async throws {
        let text = SmallStudy.text.replacing(fault.old, with: fault.new)
        try #require(text != SmallStudy.text)
        let study = try SmallStudy(text)
        let error = await #expect(throws: PipelineError.self) { try await Study(path: study.small.path("s.yaml")) }
        let faults = try #require(error).faults
        #expect(faults.contains { $0.description.contains(fault.text) }, "\(faults)")
        #expect(faults.first?.position?.line == fault.line, "\(faults)")
        #expect(faults.allSatisfy { $0.code == .usage })
    }
}
