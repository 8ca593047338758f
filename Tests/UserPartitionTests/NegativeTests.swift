import ByteStreams
import Samples
import Testing

@testable import UserPartition

@Suite("Drawn negatives")
struct NegativeTests {
    /// A log of positives alone; an item's genres and price go with the item.
    private static func log(rows: Int, users: Int, items: UInt32, seed: UInt64) -> SampleLog {
        var generator = SeededGenerator(seed: seed)
        return SampleLog(
            .integer,
            rows: (0..<rows).map { _ in
                // Low ids are popular.
                let item = min(
                    UInt32.random(in: 1...items, using: &generator), UInt32.random(in: 1...items, using: &generator))
                return SampleRow(
                    user: .integer(Int64.random(in: 1...Int64(users), using: &generator)),
                    time: Int64.random(in: 0...60, using: &generator), label: 1, item: item,
                    genres: [item % 6 + 1, (item + 1) % 6 + 1], price: Float(item) * 2)
            })
    }

    private func store(
        _ log: SampleLog, _ settings: PartitionSettings, in folder: String, batchRows: Int = 100
    ) async throws -> (store: PartitionStore, samples: SampleBatch) {
        _ = try await ScriptedBatches(batches: log.batches(of: batchRows)).partition(into: folder, settings: settings)
        let store = try PartitionStore(opening: folder)
        try store.verify()
        var samples = SampleBatch(store.schema, partitioned: true)
        for try await batch in store.localDatasets() { samples.append(contentsOf: 0..<batch.count, of: batch) }
        return (store, samples)
    }

    @Test(
        "follow their positive, are none of the user's own up to that part, and take the item's features along",
        arguments: NegativeSettings.Draw.allCases, [1, 4])
    func drawn(draw: NegativeSettings.Draw, perPositive: Int) async throws {
        let log = Self.log(rows: 1500, users: 20, items: 200, seed: 3)
        let settings = PartitionSettings(
            negatives: NegativeSettings(
                perPositive: perPositive, draw: draw, itemFeatures: ["genres", "price"], seed: 9), buckets: 3)
        try await withTemporaryFolder { folder in
            let (store, samples) = try await store(log, settings, in: "\(folder)/store")
            let rows = SampleLog.rows(samples)
            let parts = try #require(samples.parts)
            // Without the negatives, the store is that of the positives.
            let plain = ReferenceStore(log, settings: PartitionSettings(buckets: 3)).users
            let positives = rows.indices.filter { rows[$0].label == 1 }
            #expect(positives.map { rows[$0] } == plain.flatMap(\.rows))
            #expect(positives.map { parts[$0] } == plain.flatMap(\.parts))
            #expect(rows.count == log.rows.count * (1 + perPositive))
            #expect(store.manifest.negatives?.drawn == log.rows.count * perPositive)
            #expect(store.manifest.negatives?.missing == 0)

            let known = Set(plain.flatMap { $0.rows.prefix($0.trainEnd).map(\.item) })
            var taken: [UserKey: [Part: Set<UInt32>]] = [:]
            for row in positives { taken[rows[row].user, default: [:]][parts[row], default: []].insert(rows[row].item) }
            for (place, row) in rows.enumerated() {
                #expect((place % (1 + perPositive) == 0) == (row.label == 1))
                guard row.label == 0 else { continue }
                let positive = place - place % (1 + perPositive)
                #expect(row.user == rows[positive].user && row.time == rows[positive].time)
                #expect(parts[place] == parts[positive])
                for part in Part.allCases where part.rawValue <= parts[place].rawValue {
                    #expect(taken[row.user]?[part]?.contains(row.item) != true)
                }
                #expect(known.contains(row.item))
                #expect(row.price == Float(row.item) * 2)
                #expect(row.genres == [row.item % 6 + 1, (row.item + 1) % 6 + 1])
            }
            let index = try store.users()
            #expect(index.trainPositives.map { Int($0) * (1 + perPositive) } == index.trainSamples.map { Int($0) })
        }
    }

    @Test("are as likely as the items, or as their positives, say")
    func likelihood() async throws {
        // One user's few positives; all others make items 1...8 as popular as 8, 7, …, 1.
        var rows: [SampleRow] = []
        for item in 1...8 as ClosedRange<UInt32> {
            for user in 0..<Int64(9 - item) {
                rows.append(
                    SampleRow(
                        user: .integer(1000 + Int64(item) * 10 + user), time: 0, label: 1, item: item, genres: [],
                        price: 0))
            }
        }
        for time in 0..<40 as Range<Int64> {
            rows.append(SampleRow(user: .integer(1), time: time, label: 1, item: 9, genres: [], price: 0))
        }
        for draw in NegativeSettings.Draw.allCases {
            var counts: [UInt32: Int] = [:]
            try await withTemporaryFolder { folder in
                let settings = PartitionSettings(
                    split: .fractions(train: 1, validation: 0, test: 0),
                    negatives: NegativeSettings(perPositive: 1000, draw: draw))
                let (_, samples) = try await store(SampleLog(.integer, rows: rows), settings, in: "\(folder)/store")
                for row in SampleLog.rows(samples) where row.user == .integer(1) && row.label == 0 {
                    counts[row.item, default: 0] += 1
                }
            }
            // 40,000 draws; five standard deviations are below 500.
            for item in 1...8 as ClosedRange<UInt32> {
                let share = draw == .uniform ? 1.0 / 8 : Double(9 - item) / 36
                #expect(abs(Double(counts[item] ?? 0) - 40_000 * share) < 500, "item \(item), \(draw)")
            }
            #expect(counts[9] == nil)
        }
    }

    @Test("are the same for any number of threads, memory, cutting and order of users, and others for another seed")
    func sameBytes() async throws {
        let log = Self.log(rows: 900, users: 15, items: 60, seed: 5)
        // The same samples user by user: ties keep their order within each.
        let byUser = SampleLog(
            .integer,
            rows: log.rows.enumerated().sorted { ($0.element.user, $0.offset) < ($1.element.user, $1.offset) }.map(
                \.element))
        try await withTemporaryFolder { folder in
            var made: [SampleBatch] = []
            var fingerprints: [String] = []
            for (log, batchRows, memory, threads, seed) in [
                (log, 100, 256 << 20, 1, 1), (log, 7, 1, 3, 1), (byUser, 400, 30_000, 2, 1),
                (log, 100, 256 << 20, 1, 2),
            ] as [(SampleLog, Int, Int, Int, UInt64)] {
                let settings = PartitionSettings(
                    history: HistorySettings(features: ["item"], length: 5),
                    negatives: NegativeSettings(perPositive: 3, itemFeatures: ["price"], seed: seed), buckets: 4,
                    memoryBytes: memory, threads: threads)
                let (store, samples) = try await store(
                    log, settings, in: "\(folder)/\(made.count)", batchRows: batchRows)
                made.append(samples)
                fingerprints.append(store.manifest.fingerprint)
            }
            #expect(fingerprints[1] == fingerprints[0] && fingerprints[2] == fingerprints[0])
            #expect(made[1] == made[0] && made[2] == made[0])
            #expect(SampleLog.rows(made[3]).map(\.item) != SampleLog.rows(made[0]).map(\.item))
        }
    }

    @Test("are fewer where a user has taken all items but some, and none where it has all")
    func exhausted() async throws {
        let rows = (1...60 as ClosedRange<UInt32>).flatMap { item in
            [1, 2].compactMap { (user: Int64) -> SampleRow? in
                // User 2 leaves item 60 alone.
                if user == 2 && item == 60 { return nil }
                return SampleRow(user: .integer(user), time: 0, label: 1, item: item, genres: [], price: 0)
            }
        }
        try await withTemporaryFolder { folder in
            let (store, samples) = try await store(
                SampleLog(.integer, rows: rows), PartitionSettings(negatives: NegativeSettings(perPositive: 2)),
                in: "\(folder)/store")
            let drawn = SampleLog.rows(samples).filter { $0.label == 0 }
            #expect(drawn.count == 2 * 59)
            #expect(drawn.allSatisfy { $0.user == .integer(2) && $0.item == 60 })
            #expect(store.manifest.negatives?.missing == 2 * 60)
        }
    }

    @Test("are refused where the samples name no item or not the features that go with it")
    func refusal() async throws {
        let plain = SampleSchema(
            userKind: .integer, features: [SampleSchema.Feature(name: "a", kind: .dense, encoding: nil)], item: nil)
        let schemas = [
            (plain, [String]()), (SampleLog.schema(.integer), ["nothing"]), (SampleLog.schema(.integer), ["item"]),
        ]
        for (schema, features) in schemas {
            try await withTemporaryFolder { folder in
                let error = await #expect(throws: StageError.self) {
                    try await ScriptedBatches(batches: [SampleBatch(schema)]).partition(
                        into: "\(folder)/store",
                        settings: PartitionSettings(
                            negatives: NegativeSettings(perPositive: 1, itemFeatures: features)))
                }
                #expect(error?.code == .usage)
            }
        }
    }
}
