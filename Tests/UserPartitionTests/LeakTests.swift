import ByteStreams
import Samples
import Testing

@testable import UserPartition

/// What a model is trained on must not depend on what comes later.
@Suite("No later sample leaks into training")
struct LeakTests {
    private static let settings = PartitionSettings(
        split: .fractions(train: 0.6, validation: 0.2, test: 0.2),
        history: HistorySettings(features: ["item"], length: 6), scaling: ["price": .standard],
        negatives: NegativeSettings(perPositive: 2, draw: .popularity, itemFeatures: ["price"]), buckets: 3)

    /// The store's train rows, as stages see them, its scalings and the ids it knows.
    private func trained(
        _ log: SampleLog, _ settings: PartitionSettings
    ) async throws -> (rows: SampleBatch, scaling: [DenseScaling], counts: [[Int]]) {
        var rows: SampleBatch?
        var scaling: [DenseScaling] = []
        var counts: [[Int]] = []
        try await withTemporaryFolder { folder in
            _ = try await ScriptedBatches(batches: log.batches(of: 128)).partition(
                into: "\(folder)/store", settings: settings)
            let store = try PartitionStore(opening: "\(folder)/store")
            var train = SampleBatch(store.schema, partitioned: true)
            for try await batch in store.localDatasets() {
                for row in 0..<batch.count where batch.parts?[row] == .train {
                    train.append(contentsOf: row..<row + 1, of: batch)
                }
            }
            rows = train
            scaling = store.manifest.scaling
            // Without the zeros behind the last id, whose number may depend on any part's ids.
            counts = try store.trainCounts().map { Array($0.samples.reversed().drop { $0 == 0 }.reversed()) }
        }
        return (try #require(rows), scaling, counts)
    }

    @Test("histories, negatives, scalings and counts of train samples stay, whatever later samples hold")
    func laterSamples() async throws {
        let log = SampleLog(.integer, rows: 1200, users: 25, times: 200, seed: 12)
        let users = ReferenceStore(log, settings: Self.settings).users
        var later: Set<SampleRow> = []
        for user in users { later.formUnion(user.rows.dropFirst(user.trainEnd)) }
        #expect(later.count > 300)
        let changed = SampleLog(
            .integer,
            rows: log.rows.map { row in
                guard later.contains(row) else { return row }
                var other = row
                other.item = row.item + 300
                other.label = 1 - row.label
                other.price = -1e6 * row.price
                return other
            })
        let before = try await trained(log, Self.settings)
        let after = try await trained(changed, Self.settings)
        #expect(before.rows.count > 800)
        #expect(after.rows == before.rows)
        #expect(after.scaling == before.scaling)
        #expect(after.counts == before.counts)

        // That the comparison can fail: a train sample does have a say.
        let place = try #require(log.rows.firstIndex { !later.contains($0) && $0.label == 1 })
        var rows = log.rows
        rows[place].price += 1000
        let other = try await trained(SampleLog(.integer, rows: rows), Self.settings)
        #expect(other.scaling != before.scaling)
    }

    @Test("what is counted and scaled by leaves out held-out users and samples that the cloud comes too early for")
    func unseenByTheCloud() async throws {
        var settings = Self.settings
        settings.negatives = nil
        settings.heldOut = HeldOutUsers(millionths: 400_000)
        settings.cloudUntil = 50
        let log = SampleLog(.integer, rows: 1200, users: 25, times: 200, seed: 12)
        let users = ReferenceStore(log, settings: settings).users
        var hidden: Set<SampleRow> = []
        for user in users { hidden.formUnion(user.rows.dropFirst(user.cloudEnd)) }
        let seen = users.reduce(0) { $0 + $1.cloudEnd }
        #expect(seen > 100 && hidden.count > 500)
        let changed = SampleLog(
            .integer,
            rows: log.rows.map { row in
                guard hidden.contains(row) else { return row }
                var other = row
                other.item = row.item + 300
                other.price = 7
                return other
            })
        let before = try await trained(log, settings)
        let after = try await trained(changed, settings)
        #expect(after.scaling == before.scaling)
        #expect(after.counts == before.counts)
    }

    @Test("nothing of a held-out user shows in what others are trained on, drawn negatives included")
    func heldOutUsers() async throws {
        var settings = Self.settings
        settings.heldOut = HeldOutUsers(millionths: 400_000)
        let log = SampleLog(.integer, rows: 1200, users: 40, times: 200, seed: 12)
        let users = ReferenceStore(log, settings: settings).users
        let hidden = Set(users.filter(\.isHeldOut).map(\.key))
        #expect(hidden.count > 8 && hidden.count < users.count - 8)
        let changed = SampleLog(
            .integer,
            rows: log.rows.map { row in
                guard hidden.contains(row.user) else { return row }
                var other = row
                other.item = row.item % 7 + 1
                other.label = 1 - row.label
                other.price = 7
                return other
            })
        func visible(_ rows: SampleBatch) -> SampleBatch {
            var seen = SampleBatch(rows.schema, partitioned: true)
            for row in 0..<rows.count where !hidden.contains(rows.users[row]) {
                seen.append(contentsOf: row..<row + 1, of: rows)
            }
            return seen
        }
        let before = try await trained(log, settings)
        let after = try await trained(changed, settings)
        #expect(visible(before.rows).count > 300)
        #expect(visible(after.rows) == visible(before.rows))
        #expect(after.scaling == before.scaling)
        #expect(after.counts == before.counts)
    }

    @Test("scaled numbers have mean 0 and deviation 1, or lie from 0 to 1, over the samples that they were fitted on")
    func scales() async throws {
        let log = SampleLog(.integer, rows: 3000, users: 40, seed: 2)
        for kind in DenseScaling.Kind.allCases {
            var settings = PartitionSettings(scaling: ["price": kind], buckets: 4)
            settings.threads = 3
            let (rows, _, _) = try await trained(log, settings)
            guard case .dense(let values) = rows.features[2] else {
                Issue.record("the price is no dense feature")
                return
            }
            let numbers = values.map { Double($0) }
            switch kind {
            case .standard:
                let mean = numbers.reduce(0, +) / Double(numbers.count)
                let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
                #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-6)
            case .range: #expect(numbers.min() == 0 && numbers.max() == 1)
            }
        }
    }

    @Test("a feature that never changes, or that no sample tells of, is left as it is but for an offset")
    func constant() {
        var moments = DenseMoments()
        #expect(moments.scaling("a", .standard) == DenseScaling(feature: "a", kind: .standard, offset: 0, divisor: 1))
        moments.add([3, 3, .nan, 3], isCounted: [true, true, true, true])
        #expect(moments.scaling("a", .standard) == DenseScaling(feature: "a", kind: .standard, offset: 3, divisor: 1))
        #expect(moments.scaling("a", .range) == DenseScaling(feature: "a", kind: .range, offset: 3, divisor: 1))
    }

    @Test("a dense feature to scale must be there")
    func noSuchFeature() async throws {
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: StageError.self) {
                try await ScriptedBatches(batches: SampleLog(.integer, rows: 5, users: 1, seed: 1).batches(of: 5))
                    .partition(into: "\(folder)/store", settings: PartitionSettings(scaling: ["item": .standard]))
            }
            #expect(error?.code == .usage)
        }
    }
}
