import CTRModels
import Evaluation
import Foundation
import LabelCorrection
import LocalStages
import LogIngest
import OrderedJSON
import Samples
import Testing

@testable import Pipelines

/// The pipeline files of `pipelines/`, over the samples of `samples/`.
@Suite("A file of pipelines/")
struct PipelineFilesTests {
    private static let repository = URL(filePath: "\(#filePath)").deletingLastPathComponent().appending(path: "../..")
    private static let names: [String] = {
        let folder = repository.appending(path: "pipelines").path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // A study is no pipeline.
        return files.filter { $0.hasSuffix(".yaml") && $0 != "study.yaml" }.map { String($0.dropLast(5)) }.sorted()
    }()

    /// Those whose samples were made by a script, with what an ingest must find beside them.
    private static let made = [
        "amazon-hin", "amazon-reviews", "mind", "movielens-1m", "taobao-ad", "taobao-userbehavior",
    ]

    /// The file's path.
    private static func file(_ name: String) -> String {
        repository.appending(path: "pipelines/\(name).yaml").standardized.path
    }

    @Test("makes sense as a whole, and so do its settings as they are shown", arguments: names)
    func parses(name: String) async throws {
        let pipeline = try await Pipeline(path: Self.file(name))
        #expect(pipeline.name == name)
        let ingest = try #require(pipeline.ingest)
        try ingest.validate()
        let shown = try Pipeline(text: pipeline.settings.yaml(), file: Self.file(name))
        #expect(shown.ingest == ingest)
        #expect(shown.settings.yaml(withOrigins: false) == pipeline.settings.yaml(withOrigins: false))
    }

    @Test("names pipelines and settings that are there, in the study of all of them")
    func study() async throws {
        let study = try await Study(path: Self.file("study"))
        #expect(study.models.map(\.name) == Architecture.Kind.allCases.map(\.rawValue))
        #expect(study.corrections.count == CorrectionMethod.allCases.count)
        // Three domains, and one of them split by date, too.
        #expect(study.dataSets.map(\.name) == ["movielens", "amazon", "taobao-like", "amazon-by-date"])
        #expect(study.seeds.count >= 3 && study.schedules.count >= 4)
    }

    @Test("finds in its sample what the sample was made of", arguments: made, [1, 3])
    func ingests(name: String, threads: Int) async throws {
        let expected = try Data(contentsOf: Self.repository.appending(path: "samples/\(name)/expected.json"))
        let document = JSONNode(try JSONValue(utf8: [UInt8](expected)[...]))
        let settings = try #require(try await Pipeline(path: Self.file(name)).ingest)
        let (found, sums) = try await ExpectedSample.ingested(settings, threads: threads)
        let wanted = try ExpectedSample(document)
        #expect(found == wanted)
        let wantedSums = try document.member("sums").members()
        #expect(Set(sums.keys) == Set(wantedSums.map(\.key)))
        for (feature, node) in wantedSums {
            let sum = try node.double()
            #expect(abs((sums[feature] ?? 0) - sum) < 1e-6 * sum)
        }
    }

    @Test("runs through all stages on its sample", arguments: made + ["movielens"])
    func runs(name: String) async throws {
        var flags = [
            SettingOverride(path: "train.epochs", text: "1", origin: .flag("--epochs")),
            SettingOverride(path: "seeds", text: "1", origin: .flag("--seeds")),
        ]
        // The one log of full size: the small model keeps a debug build quick.
        if name == "movielens" {
            flags.append(SettingOverride(path: "train.model", text: "lr", origin: .flag("--model")))
        }
        let pipeline = try await Pipeline(path: Self.file(name), overrides: flags)
        let folder = FileManager.default.temporaryDirectory.appending(path: "plumb-\(name)-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = PipelineRun(pipeline, into: RunFolder(path: folder.path), threads: 1, version: "1") { _ in }
        let outcome = try await run.run()
        #expect(outcome.summary?.arms.map(\.name) == pipeline.finetune.arms.map(\.rawValue))
    }

    @Test("says so where a meta file of 2014 was not converted")
    func pythonDictionaries() async throws {
        var settings = try #require(try await Pipeline(path: Self.file("amazon-reviews")).ingest)
        let file = FileManager.default.temporaryDirectory.appending(path: "plumb-meta-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{'asin': 'B000000001', 'price': 3.17, 'categories': [['Home & Kitchen']]}\n".utf8).write(to: file)
        for index in settings.sources.indices where settings.sources[index].name == "meta" {
            settings.sources[index].paths = [file.path]
        }
        let error = await #expect(throws: StageError.self) {
            _ = try await ExpectedSample.ingested(settings)
        }
        #expect(error?.code == .data)
        #expect(error?.description.contains("looks like a Python dictionary, not JSON; convert it first") == true)
        #expect(error?.position?.line == 1)
    }
}
