import Pipelines
import Samples
import Testing
import UserPartition

@Suite("The section partition")
struct PartitionSettingsTests {
    private static let ingest = """
        ingest:
          sources: {log: {path: log.csv}}
          user: user
          time: time
          label: click
          item: item
          features: {category: {column: category}, price: {kind: dense}}

        """

    private func settings(_ text: String) throws(PipelineError) -> PartitionSettings {
        try Pipeline(text: Self.ingest + text, file: "p.yaml").partition
    }

    @Test("says all that shapes a store")
    func everything() throws {
        let found = try settings(
            """
            partition:
              split: [dates, 2024-02-01, "2024-02-15T12:00:00+01:00"]
              cloud_until: 2024-01-31
              min_samples: 3
              max_samples: 500
              min_positives: 2
              held_out: 2.5%
              held_out_seed: 9
              history: {features: [item, category], length: 7, reach: train-end}
              scaling: {price: range}
              negatives: {per_positive: 4, draw: popularity, item_features: [category, price], seed: 3}
              pseudonymize: secret/key
              buckets: 5
              memory: 64MiB
            """)
        #expect(
            found
                == PartitionSettings(
                    split: .dates(validationFrom: 1_706_745_600_000, testFrom: 1_707_994_800_000),
                    filter: UserFilter(fewestSamples: 3, mostSamples: 500, fewestPositives: 2),
                    heldOut: HeldOutUsers(millionths: 25_000, seed: 9), cloudUntil: 1_706_659_200_000,
                    history: HistorySettings(features: ["item", "category"], length: 7, reach: .trainEnd),
                    scaling: ["price": .range],
                    negatives: NegativeSettings(
                        perPositive: 4, draw: .popularity, itemFeatures: ["category", "price"], seed: 3),
                    pseudonymKeyFile: "secret/key", buckets: 5, memoryBytes: 64 << 20))
        #expect(try settings("partition: {split: [last, 1, 2]}").split == .last(validation: 1, test: 2))
        #expect(try settings("partition: {split: [0.5, 0.2, 0.3], held_out: 0.1}").heldOut?.millionths == 100_000)
        #expect(try settings("") == PartitionSettings())
    }

    @Test(
        "tells every fault at its place before anything runs",
        arguments: [
            ("split: [0.5, 0.5]", "p.yaml:9:10: error: `partition.split` must be three shares"),
            ("split: [last, 0, 0]", "p.yaml:9:10: error"),
            ("split: [dates, 2024-02-02, 2024-02-01]", "p.yaml:9:10: error"),
            ("cloud_until: soon", "p.yaml:9:16: error: `partition.cloud_until` must be a date"),
            ("max_samples: 0", "p.yaml:9:16: error"),
            ("held_out: 100%", "p.yaml:9:13: error: `partition.held_out` must be a share"),
            ("history: {features: [movies]}", "p.yaml:9:23: error: there is no feature `movies` to make a history of"),
            ("history: {features: [price]}", "p.yaml:9:23: error: a history is made of categorical features"),
            ("history: {features: [item], length: 1001}", "p.yaml:9:39: error"),
            ("history: {feature: [item]}", "p.yaml:9:13: error: unknown key `feature`"),
            ("scaling: {category: standard}", "p.yaml:9:23: error: there is no dense feature `category` to scale"),
            ("scaling: {price: cubic}", "p.yaml:9:20: error"),
            (
                "negatives: {per_positive: 1, item_features: [item]}",
                "p.yaml:9:47: error: there is no feature `item` that could go"
            ),
            ("negatives: {per_positive: -1}", "p.yaml:9:29: error"),
        ])
    func faults(line: String, expected: String) {
        let error = #expect(throws: PipelineError.self) { try settings("partition:\n  \(line)") }
        #expect(
            error?.faults.count == 1 && error?.faults[0].description.hasPrefix(expected) == true,
            "\(error?.faults ?? [])")
    }

    @Test("takes nested settings from the environment, too")
    func environment() async throws {
        let pipeline = try await Pipeline(
            path: nil,
            environment: [
                "PLUMB_PARTITION_HISTORY_FEATURES": "item", "PLUMB_PARTITION_NEGATIVES_PER_POSITIVE": "3",
                "PLUMB_PARTITION_HELD_OUT": "5%",
            ])
        #expect(pipeline.partition.history == HistorySettings(features: ["item"]))
        #expect(pipeline.partition.negatives == NegativeSettings(perPositive: 3))
        #expect(pipeline.partition.heldOut == HeldOutUsers(millionths: 50_000))
    }

    @Test("refuses pseudonyms beside a feature that is the user, whose vocabulary would undo them")
    func pseudonymOfFeature() {
        let text = Self.ingest.replacing("category: {column: category}", with: "who: {column: user}")
        let error = #expect(throws: PipelineError.self) {
            try Pipeline(text: text + "partition: {pseudonymize: key}", file: "p.yaml")
        }
        #expect(error?.faults.first?.message.contains("the feature `who` is the user") == true)
    }

    @Test(
        "shares are read from 0 to 1, in percent or not",
        arguments: [
            ("1%", 10_000), ("0.01", 10_000), ("100%", 1_000_000), ("1", 1_000_000), ("0", 0), ("0.0001%", 1),
            ("0.00001%", nil), ("-1%", nil), ("101%", nil), ("1.5", nil), ("", nil), ("%", nil), ("nan", nil),
            ("inf%", nil),
        ] as [(String, Int?)])
    func shares(text: String, millionths: Int?) {
        #expect(Share.millionths(text) == millionths)
    }
}
