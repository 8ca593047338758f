import ByteStreams
import Samples
import Testing

@testable import UserPartition

@Suite("Histories of earlier positives")
struct HistoryTests {
    /// A user's last positives strictly earlier than a row, the obvious way.
    private static func expected(
        _ rows: [SampleRow], parts: [Part], row: Int, length: Int, reach: HistorySettings.Reach
    ) -> [UInt32] {
        let earlier = rows.indices.filter { other in
            rows[other].time < rows[row].time && rows[other].label == 1
                && (reach == .online || parts[row] == .train || parts[other] == .train)
        }
        return earlier.suffix(length).map { rows[$0].item }
    }

    @Test(
        "hold the last positives strictly earlier in time, for any number of ties, spilled or not",
        arguments: HistorySettings.Reach.allCases, [1, 3, 1000])
    func reference(reach: HistorySettings.Reach, length: Int) async throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let log = SampleLog(seed % 2 == 0 ? .text : .integer, rows: 900, users: 12, times: 30, seed: seed)
            try await withTemporaryFolder { folder in
                let settings = PartitionSettings(
                    history: HistorySettings(features: ["item"], length: length, reach: reach), buckets: 3,
                    memoryBytes: seed % 3 == 0 ? 1 : 256 << 20)
                _ = try await ScriptedBatches(batches: log.batches(of: 100)).partition(
                    into: "\(folder)/store", settings: settings)
                let store = try PartitionStore(opening: "\(folder)/store")
                #expect(store.schema.features.map(\.name) == ["item", "genres", "price", "history_item"])
                #expect(store.manifest.dictionarySizes.last == store.manifest.dictionarySizes.first)
                let users = ReferenceStore(log, settings: settings).users
                var expected: [[UInt32]] = []
                var inTrain: Set<UInt32> = []
                for user in users {
                    for row in user.rows.indices {
                        let list = Self.expected(
                            user.rows, parts: user.parts, row: row, length: length, reach: reach)
                        expected.append(list)
                        if row < user.trainEnd { inTrain.formUnion(list) }
                    }
                }
                #expect(try await histories(store.localDatasets()) == expected)
                let known = try #require(try store.trainCounts().first { $0.feature == "history_item" })
                #expect(inTrain.allSatisfy { known.samples[Int($0)] > 0 })
                // A short list may have no room for all positives of one time.
                if length == 1000 {
                    let counted = known.samples.indices.filter { known.samples[$0] > 0 }
                    #expect(counted.allSatisfy { inTrain.contains(UInt32($0)) })
                }

                let one = try #require(try store.localDataset(of: users[0].key))
                #expect(lists(one) == Array(expected.prefix(users[0].rows.count)))
            }
        }
    }

    @Test("go on over the batches of a large user")
    func largeUser() async throws {
        let rows = (0..<20_000).map { (row: Int) -> SampleRow in
            let item = UInt32(row % 997 + 1)
            let label: Float = row % 3 == 0 ? 1 : 0
            return SampleRow(
                user: .integer(5), time: Int64(row / 2), label: label, item: item, genres: [], price: 0)
        }
        let log = SampleLog(.integer, rows: rows)
        try await withTemporaryFolder { folder in
            let settings = PartitionSettings(history: HistorySettings(features: ["item"], length: 4), memoryBytes: 1)
            _ = try await ScriptedBatches(batches: log.batches(of: 999)).partition(
                into: "\(folder)/store", settings: settings)
            let found = try await histories(PartitionStore(opening: "\(folder)/store").localDatasets())
            let parts = Array(repeating: Part.train, count: rows.count)
            for row in stride(from: 0, to: rows.count, by: 617) {
                let window = max(0, row - 40)..<(row + 1)
                let expected = Self.expected(
                    Array(rows[window]), parts: Array(parts[window]), row: window.count - 1, length: 4, reach: .online)
                #expect(found[row] == expected)
            }
        }
    }

    @Test("take part in the bound on ids: no store is published that nobody could open")
    func ids() async throws {
        let schema = SampleSchema(
            userKind: .integer,
            features: [SampleSchema.Feature(name: "item", kind: .categorical, encoding: .hash(size: 140_000_000))],
            item: 0)
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: StageError.self) {
                try await ScriptedBatches(batches: [SampleBatch(schema)]).partition(
                    into: "\(folder)/store",
                    settings: PartitionSettings(history: HistorySettings(features: ["item"])))
            }
            #expect(error?.code == .data)
            let left = try contents(folder)
            #expect(left.isEmpty)
        }
    }

    @Test(
        "are refused of features that there are not, that hold no single id, or whose new name is taken",
        arguments: [["nothing"], ["genres"], ["price"], ["item", "item"], []])
    func refusal(features: [String]) async throws {
        try await withTemporaryFolder { folder in
            let log = SampleLog(.integer, rows: 10, users: 2, seed: 1)
            let error = await #expect(throws: StageError.self) {
                try await ScriptedBatches(batches: log.batches(of: 10)).partition(
                    into: "\(folder)/store",
                    settings: PartitionSettings(history: HistorySettings(features: features)))
            }
            #expect(error?.code == .usage)
            let left = try contents(folder)
            #expect(left.isEmpty)
        }
    }

    private func histories(_ stream: some AsyncSequence<SampleBatch, StageError>) async throws -> [[UInt32]] {
        var found: [[UInt32]] = []
        for try await batch in stream { found += lists(batch) }
        return found
    }

    private func lists(_ batch: SampleBatch) -> [[UInt32]] {
        guard case .multivalued(let lists)? = batch.features.last else { return [] }
        return (0..<batch.count).map { Array(lists[$0]) }
    }
}
