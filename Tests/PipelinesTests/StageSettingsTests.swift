import LogIngest
import Testing

@testable import Pipelines

@Suite("What a stage of a run depends on")
struct StageSettingsTests {
    private static let text = """
        name: any
        ingest:
          sources:
            views: {path: [b.csv, a.csv]}
            clicks: {path: clicks.csv}
            items: {path: items.csv}
            unused: {path: unused.csv}
          log: views
          user: user
          time: time
          clicks: {source: clicks, key: [id], on: [id]}
          vocabulary: old.arrows
          batch_rows: 9
          features:
            kind: {join: {source: items, key: item, on: item}}
            price: {join: {source: items, key: item, on: item}, kind: dense}
        seeds: [1, 2]
        """

    private func paths(_ stage: RunStage) throws -> [String] {
        try Pipeline(text: Self.text, file: "p.yaml").settings(of: stage).map(\.path)
    }

    @Test("is every setting of its sections but those that change no byte")
    func settings() throws {
        let all = try Pipeline(text: Self.text, file: "p.yaml").settings.map(\.path)
        let stages = try RunStage.allCases.map(paths)
        for (sections, paths) in zip(
            [["ingest", "partition"], [], ["train"], ["correct", "finetune", "evaluate"], ["evaluate"]], stages)
        {
            #expect(paths.allSatisfy { path in sections.contains { path.hasPrefix("\($0).") } })
        }
        #expect(stages[0].contains("ingest.sources.views.format") && stages[0].contains("partition.split"))
        // All but one are some stage's.
        let none = [
            "name", "ingest.sources.views.path", "ingest.sources.clicks.path", "ingest.sources.items.path",
            "ingest.sources.unused.path", "ingest.batch_rows", "ingest.vocabulary", "partition.memory", "train.memory",
            "evaluate.memory",
            "seeds",
        ]
        #expect(Set(all).subtracting(stages.joined()) == Set(none))
    }

    @Test("is every file that an ingest reads, for each of its uses, in order")
    func files() throws {
        let ingest = try #require(try Pipeline(text: Self.text, file: "in/p.yaml").ingest)
        #expect(
            ingest.fileUses.map { "\($0.purpose): \($0.path)" } == [
                "log: in/b.csv", "log: in/a.csv", "side table `items`: in/items.csv", "click log: in/clicks.csv",
                "vocabulary: in/old.arrows",
            ])
    }
}
