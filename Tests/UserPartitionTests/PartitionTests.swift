import ByteStreams
import Samples
import Synchronization
import Testing
import UserPartition

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Partitioning a stream")
struct PartitionTests {
    @Test(
        "makes the store that a plain implementation in memory makes",
        arguments: [KeyColumn.Kind.integer, .text], 1..<25 as Range<UInt64>)
    func reference(kind: KeyColumn.Kind, seed: UInt64) async throws {
        let log = SampleLog(kind, rows: Int(seed % 9 * (seed % 9)) * 90, users: 1 + Int(seed) * 12, seed: seed)
        let buckets = 1 + Int(seed) % 5
        try await withTemporaryFolder { folder in
            let settings = Self.settings(seed, buckets: buckets)
            let made = try await ScriptedBatches(batches: log.batches(of: 100)).partition(
                into: "\(folder)/store", settings: settings)
            let expected = ReferenceStore(log, settings: settings)
            let store = try PartitionStore(opening: "\(folder)/store")
            #expect(store.manifest == made.manifest)
            try await expect(store, is: expected)

            #expect(made.account.samplesRead == log.rows.count)
            #expect(made.account.users == expected.users.count)
        }
    }

    /// Settings of every kind, by turns.
    private static func settings(_ seed: UInt64, buckets: Int) -> PartitionSettings {
        let splits: [Split] = [
            .fractions(train: 0.7, validation: 0.1, test: 0.2), .last(validation: 2, test: 3),
            .dates(validationFrom: 10, testFrom: 20), .fractions(train: 0.5, validation: 0, test: 0.5),
            .last(validation: 0, test: 1),
        ]
        return PartitionSettings(
            split: splits[Int(seed) % splits.count],
            filter: seed % 3 == 0 ? UserFilter() : UserFilter(fewestSamples: 2, mostSamples: 40, fewestPositives: 1),
            heldOut: seed % 2 == 0 ? HeldOutUsers(millionths: 250_000, seed: seed) : nil,
            cloudUntil: seed % 4 == 1 ? 5 : nil, buckets: buckets,
            memoryBytes: [20_000, 1, 256 << 20][Int(seed) % 3], threads: 1 + Int(seed) % 3)
    }

    @Test("calls out when the store is whole and not yet in its place, and what that throws leaves the place as it was")
    func beforePlacing() async throws {
        let log = SampleLog(.integer, rows: 200, users: 20, seed: 4)
        let other = SampleLog(.integer, rows: 300, users: 20, seed: 5)
        try await withTemporaryFolder { folder in
            let first = try await ScriptedBatches(batches: log.batches(of: 100)).partition(into: "\(folder)/store")
            let failure = StageError(.environment, "not now")
            let error = await #expect(throws: StageError.self) {
                _ = try await ScriptedBatches(batches: other.batches(of: 100)).partition(into: "\(folder)/store") {
                    _ throws(StageError) in throw failure
                }
            }
            #expect(error == failure)
            #expect(try contents(folder) == ["store"])
            #expect(try PartitionStore(opening: "\(folder)/store").manifest == first.manifest)

            let told = Mutex<[PartitionManifest]>([])
            let second = try await ScriptedBatches(batches: other.batches(of: 100)).partition(into: "\(folder)/store") {
                manifest throws(StageError) in
                #expect((try? PartitionStore(opening: "\(folder)/store"))?.manifest == first.manifest)
                told.withLock { $0.append(manifest) }
            }
            #expect(told.withLock { $0 } == [second.manifest])
            #expect(try PartitionStore(opening: "\(folder)/store").manifest == second.manifest)
        }
    }

    @Test("keeps a user of 10,000 samples whole over several batches", arguments: [50_000, 1, 256 << 20])
    func largeUser(memoryBytes: Int) async throws {
        var generator = SeededGenerator(seed: 11)
        let rows = (0..<12_000).map { (row: Int) -> SampleRow in
            let user = row % 6 == 0 ? Int64(row) : 7
            let time = Int64.random(in: 0...3000, using: &generator)
            return SampleRow(
                user: .integer(user), time: time, label: row % 3 == 0 ? 1 : 0, item: UInt32(row % 40), genres: [1],
                price: Float(row))
        }
        let log = SampleLog(.integer, rows: rows)
        try await withTemporaryFolder { folder in
            _ = try await ScriptedBatches(batches: log.batches(of: 999)).partition(
                into: "\(folder)/store", settings: PartitionSettings(buckets: 2, memoryBytes: memoryBytes))
            let store = try PartitionStore(opening: "\(folder)/store")
            try await expect(store, is: ReferenceStore(log, settings: PartitionSettings(buckets: 2)))
            #expect(try store.localDataset(of: .integer(7))?.count == 10_000)
            var continued = 0
            for try await batch in store.localDatasets() where batch.continuesUser { continued += 1 }
            #expect(continued == 1)
        }
    }

    @Test(
        "makes the same bytes for every cutting of the input and every number of threads and memory setting, with and without spilling"
    )
    func sameBytes() async throws {
        let log = SampleLog(.text, rows: 4000, users: 150, seed: 21)
        try await withTemporaryFolder { folder in
            var stores: [[String: Data]] = []
            var spilled: [Int] = []
            for (batchRows, memory, threads) in [
                (4000, 256 << 20, 1), (1, 256 << 20, 3), (333, 100_000, 2), (64, 1, 1), (4000, 1, 4),
            ] {
                let path = "\(folder)/store-\(stores.count)"
                let made = try await ScriptedBatches(batches: log.batches(of: batchRows)).partition(
                    into: path, settings: PartitionSettings(buckets: 5, memoryBytes: memory, threads: threads))
                spilled.append(made.account.bytesSpilled)
                stores.append(try bytes(of: path))
            }
            #expect(stores[0].count == 8)
            for store in stores { #expect(store == stores[0]) }
            #expect(spilled[0] == 0 && spilled[1] == 0)
            #expect(spilled[2] > 0 && spilled[3] > spilled[2] && spilled[4] > spilled[2])
        }
    }

    @Test("holds all samples of a stream without rows: none")
    func emptyStream() async throws {
        try await withTemporaryFolder { folder in
            let schema = SampleLog.schema(.integer)
            let made = try await ScriptedBatches(batches: [SampleBatch(schema)]).partition(into: "\(folder)/store")
            #expect(made.manifest.users == 0)
            let store = try PartitionStore(opening: "\(folder)/store")
            try store.verify()
            var batches: [SampleBatch] = []
            for try await batch in store.localDatasets() { batches.append(batch) }
            #expect(batches == [SampleBatch(schema, partitioned: true)])
            #expect(try store.localDataset(of: .integer(1)) == nil)
            #expect(try store.users().count == 0)
        }
    }

    @Test("fails on a stream without any batch, for it has no columns")
    func noBatch() async throws {
        try await expectFailure(.data, of: ScriptedBatches(batches: []))
    }

    @Test("passes the stream's failure on and leaves nothing behind")
    func upstreamFailure() async throws {
        let log = SampleLog(.integer, rows: 300, users: 10, seed: 1)
        let torn = ScriptedBatches(batches: log.batches(of: 50), failure: StageError(.data, "torn"))
        try await expectFailure(.data, of: torn, settings: PartitionSettings(memoryBytes: 1))
    }

    @Test("leaves nothing behind when cancelled between batches, and leaves an older store alone")
    func cancellation() async throws {
        let log = SampleLog(.integer, rows: 2000, users: 50, seed: 2)
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store"
            for olderStore in [false, true] {
                if olderStore { _ = try await ScriptedBatches(batches: log.batches(of: 500)).partition(into: path) }
                let before = try contents(folder)
                let (ready, announce) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                let endless = EndlessBatches(batch: log.batches(of: 2000)[1], from: 20, announce: announce)
                let task = Task { () -> StageError? in
                    do throws(StageError) {
                        _ = try await endless.partition(into: path, settings: PartitionSettings(memoryBytes: 1))
                        return nil
                    } catch {
                        return error
                    }
                }
                for await _ in ready { break }
                #expect(try contents(folder).contains(".store.partial"))
                task.cancel()
                #expect(await task.value?.code == .cancelled)
                #expect(try contents(folder) == before)
            }
            try PartitionStore(opening: path).verify()
        }
    }

    @Test("publishes nothing when cancelled while the last batch was read")
    func cancelledAtEnd() async throws {
        let log = SampleLog(.integer, rows: 100, users: 5, seed: 2)
        try await withTemporaryFolder { folder in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                _ = try await ScriptedBatches(batches: log.batches(of: 10)).partition(into: "\(folder)/store")
            }
            task.cancel()
            await #expect(throws: StageError.cancelled) { try await task.value }
            let left = try contents(folder)
            #expect(left.isEmpty)
        }
    }

    @Test("replaces an older store, and gives the new one's samples")
    func replacement() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store"
            for seed in 1...3 as ClosedRange<UInt64> {
                let log = SampleLog(.integer, rows: 400, users: 30, seed: seed)
                _ = try await ScriptedBatches(batches: log.batches(of: 64)).partition(
                    into: path, settings: PartitionSettings(buckets: 4 - Int(seed)))
                #expect(try contents(folder) == ["store"])
                try await expect(
                    try PartitionStore(opening: path),
                    is: ReferenceStore(log, settings: PartitionSettings(buckets: 4 - Int(seed))))
            }
        }
    }

    @Test("keeps other accounts out")
    func modes() async throws {
        try await withTemporaryFolder { folder in
            let log = SampleLog(.integer, rows: 50, users: 5, seed: 1)
            _ = try await ScriptedBatches(batches: log.batches(of: 64)).partition(into: "\(folder)/store")
            #expect(try mode("\(folder)/store") == 0o700)
            for name in try contents("\(folder)/store") { #expect(try mode("\(folder)/store/\(name)") == 0o600) }
        }
    }

    @Test("refuses labels other than 0 and 1, ids beyond the hash's size, and columns that change", arguments: 0..<5)
    func badBatches(fault: Int) async throws {
        let schema = SampleLog.schema(.integer)
        var row = SampleRow(user: .integer(1), time: 0, label: 1, item: 1, genres: [6], price: 0)
        var batches = [SampleLog.batch([row], schema)]
        switch fault {
        case 0: row.label = .nan
        case 1: row.label = 0.5
        case 2: row.genres = [1, 7]
        case 3: row.item = .max
        default: batches.append(SampleBatch(SampleLog.schema(.text)))
        }
        batches.append(SampleLog.batch([row], schema))
        try await expectFailure(.data, of: ScriptedBatches(batches: batches))
    }

    @Test("splits a store's own stream anew, to the same store")
    func again() async throws {
        let log = SampleLog(.text, rows: 700, users: 30, seed: 6)
        try await withTemporaryFolder { folder in
            let first = try await ScriptedBatches(batches: log.batches(of: 64)).partition(into: "\(folder)/first")
            let again = try await PartitionStore(opening: "\(folder)/first").localDatasets().partition(
                into: "\(folder)/again", settings: PartitionSettings(memoryBytes: 1))
            #expect(again.manifest == first.manifest)
            #expect(try bytes(of: "\(folder)/again") == bytes(of: "\(folder)/first"))
        }
    }

    @Test("refuses corrected labels, which it would lose")
    func corrected() async throws {
        var batch = SampleLog(.integer, rows: 10, users: 2, seed: 1).batches(of: 10)[1]
        batch.correctedLabels = batch.labels
        try await expectFailure(.data, of: ScriptedBatches(batches: [batch]))
    }

    @Test(
        "refuses features of one name, of a name that other columns have or that is too long, and hashes beyond the limit"
    )
    func badSchemas() async throws {
        typealias Feature = SampleSchema.Feature
        for features in [
            [Feature(name: "a", kind: .dense, encoding: nil), Feature(name: "a", kind: .dense, encoding: nil)],
            [Feature(name: "part", kind: .dense, encoding: nil)],
            [Feature(name: "group", kind: .dense, encoding: nil)],
            [Feature(name: String(repeating: "a", count: 1001), kind: .dense, encoding: nil)],
            [Feature(name: "a", kind: .categorical, encoding: .hash(size: .max))],
            [Feature(name: "a", kind: .categorical, encoding: .hash(size: 0))],
            [
                Feature(name: "a", kind: .categorical, encoding: .hash(size: 200_000_000)),
                Feature(name: "b", kind: .categorical, encoding: .hash(size: 200_000_000)),
            ],
        ] {
            let schema = SampleSchema(userKind: .integer, features: features, item: nil)
            try await expectFailure(.data, of: ScriptedBatches(batches: [SampleBatch(schema)]))
        }
    }

    @Test(
        "refuses senseless settings before it reads or writes",
        arguments: [
            PartitionSettings(buckets: 0), PartitionSettings(buckets: 10_000), PartitionSettings(memoryBytes: 0),
            PartitionSettings(threads: 0), PartitionSettings(heldOut: HeldOutUsers(millionths: 0)),
            PartitionSettings(filter: UserFilter(fewestSamples: 5, mostSamples: 4)),
            PartitionSettings(split: .last(validation: 0, test: 0)),
            PartitionSettings(split: .dates(validationFrom: 2, testFrom: 1)),
            PartitionSettings(split: .fractions(train: 0.5, validation: 0, test: 0)),
        ])
    func badSettings(_ settings: PartitionSettings) async throws {
        try await expectFailure(
            .usage, of: ScriptedBatches(batches: [], failure: StageError(.data, "was read")), settings: settings)
    }

    /// Expects a partition to fail with `code` and to leave its folder empty.
    private func expectFailure(
        _ code: StageError.Code, of stream: ScriptedBatches, settings: PartitionSettings = PartitionSettings()
    ) async throws {
        try await withTemporaryFolder { folder in
            await #expect {
                _ = try await stream.partition(into: "\(folder)/store", settings: settings)
            } throws: { error in
                (error as? StageError)?.code == code
            }
            let left = try contents(folder)
            #expect(left.isEmpty)
        }
    }

    private func bytes(of folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try contents(folder) { files[name] = try Data(contentsOf: URL(filePath: "\(folder)/\(name)")) }
        return files
    }
}

/// One batch over and over. Tells when it was asked for the batch numbered `from`.
private struct EndlessBatches: AsyncSequence, Sendable {
    typealias Failure = StageError

    let batch: SampleBatch
    let from: Int
    let announce: AsyncStream<Void>.Continuation

    func makeAsyncIterator() -> Iterator { Iterator(base: self) }

    struct Iterator: AsyncIteratorProtocol {
        let base: EndlessBatches
        var number = 0

        mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> SampleBatch? {
            number += 1
            if number == base.from { base.announce.finish() }
            return base.batch
        }
    }
}
