import ArrowStream
import ByteStreams
import Samples
import Testing

@testable import UserPartition

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Logs whose rows are impression lists: one row, many samples of one user and one time.
@Suite("Partitioning impression lists")
struct GroupTests {
    /// Lists of 1 to 12 samples of `users` users. Times are few, so that many of a user's lists have the same, and in no
    /// order. A sample's price is its place in the log.
    private static func log(lists: Int, users: Int, seed: UInt64) -> SampleBatch {
        var generator = SeededGenerator(seed: seed)
        var rows: [SampleRow] = []
        var groups: [Int64] = []
        for list in 0..<lists {
            let user = UserKey.integer(Int64.random(in: 1...Int64(users), using: &generator))
            let time = Int64.random(in: 0...30, using: &generator)
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                rows.append(
                    SampleRow(
                        user: user, time: time, label: rows.count % 3 == 0 ? 1 : 0,
                        item: UInt32.random(in: 1...50, using: &generator), genres: [1], price: Float(rows.count)))
                // Ids in no order, some below 0.
                groups.append(Int64(list * 7_919 % 10_007) - 5000)
            }
        }
        var schema = SampleLog.schema(.integer)
        schema.hasGroups = true
        let plain = SampleLog.batch(rows, SampleLog.schema(.integer))
        return SampleBatch(
            schema, users: plain.users, times: plain.times, labels: plain.labels, groups: groups,
            features: plain.features)
    }

    private func stream(_ log: SampleBatch, rows: Int) -> ScriptedBatches {
        var batches = [SampleBatch(log.schema)]
        for start in stride(from: 0, to: log.count, by: rows) {
            var piece = SampleBatch(log.schema)
            piece.append(contentsOf: start..<min(start + rows, log.count), of: log)
            batches.append(piece)
        }
        return ScriptedBatches(batches: batches)
    }

    private func samples(of store: PartitionStore) async throws -> SampleBatch {
        var whole = SampleBatch(store.schema, partitioned: true)
        for try await batch in store.localDatasets() { whole.append(contentsOf: 0..<batch.count, of: batch) }
        return whole
    }

    @Test(
        "keeps every sample's list, a list's samples together, in the log's order and in one part, spilled or not",
        arguments: [(1000, 256 << 20), (64, 1), (1, 20_000)])
    func together(batchRows: Int, memoryBytes: Int) async throws {
        let log = Self.log(lists: 900, users: 25, seed: 4)
        try await withTemporaryFolder { folder in
            let made = try await stream(log, rows: batchRows).partition(
                into: "\(folder)/store", settings: PartitionSettings(buckets: 3, memoryBytes: memoryBytes))
            #expect((made.account.bytesSpilled > 0) == (memoryBytes < 100_000))
            let store = try PartitionStore(opening: "\(folder)/store")
            #expect(store.schema.hasGroups)
            let whole = try await samples(of: store)
            let rows = SampleLog.rows(whole)
            let groups = try #require(whole.groups)
            let parts = try #require(whole.parts)
            #expect(rows.map(\.price).sorted() == (0..<log.count).map { Float($0) })
            var seen: Set<Int64> = []
            for place in rows.indices {
                #expect(groups[place] == log.groups?[Int(rows[place].price)])
                guard place > 0, groups[place] == groups[place - 1] else {
                    #expect(seen.insert(groups[place]).inserted, "list \(groups[place]) is torn")
                    continue
                }
                #expect(rows[place].price == rows[place - 1].price + 1)
                #expect(rows[place].user == rows[place - 1].user && rows[place].time == rows[place - 1].time)
                #expect(parts[place] == parts[place - 1])
            }
            #expect(Set(parts).count == 3)
            let found = try #require(try store.localDataset(of: whole.users[0]))
            #expect(found.groups.map { $0[...] } == groups[whole.userRanges[0]])
        }
    }

    @Test("makes the same bytes with and without spilling")
    func sameBytes() async throws {
        let log = Self.log(lists: 300, users: 9, seed: 8)
        try await withTemporaryFolder { folder in
            for (name, memory) in [("a", 256 << 20), ("b", 1)] {
                _ = try await stream(log, rows: 50).partition(
                    into: "\(folder)/\(name)", settings: PartitionSettings(buckets: 2, memoryBytes: memory))
            }
            for name in try contents("\(folder)/a") {
                let (a, b) = ("\(folder)/a/\(name)", "\(folder)/b/\(name)")
                #expect(try Data(contentsOf: URL(filePath: a)) == Data(contentsOf: URL(filePath: b)))
            }
        }
    }

    @Test("keeps lists across the batches of a user with 10,000 samples and more")
    func largeUser() async throws {
        let log = Self.log(lists: 1800, users: 1, seed: 3)
        try #require(log.count > 10_000)
        try await withTemporaryFolder { folder in
            _ = try await stream(log, rows: 999).partition(into: "\(folder)/store")
            let whole = try await samples(of: PartitionStore(opening: "\(folder)/store"))
            let groups = try #require(log.groups)
            #expect(SampleLog.rows(whole).map { groups[Int($0.price)] } == whole.groups)
        }
    }

    @Test("says so in the manifest and in the fingerprint, and only there where there are lists")
    func manifest() async throws {
        let log = Self.log(lists: 50, users: 5, seed: 1)
        try await withTemporaryFolder { folder in
            let grouped = try await stream(log, rows: 50).partition(into: "\(folder)/store")
            let text = try String(contentsOfFile: "\(folder)/store/manifest.json", encoding: .utf8)
            #expect(text.contains("\"groups\" : true"))
            #expect(try PartitionStore(opening: "\(folder)/store").manifest == grouped.manifest)
            var other = grouped.manifest
            other.storedSchema.hasGroups = false
            #expect(other.fingerprint != grouped.manifest.fingerprint)

            for claim in ["false", "null", "1"] {
                try text.replacing("\"groups\" : true", with: "\"groups\" : \(claim)")
                    .write(toFile: "\(folder)/store/manifest.json", atomically: false, encoding: .utf8)
                #expect(throws: StageError.self) { try PartitionStore(opening: "\(folder)/store") }
            }
        }
    }

    @Test("says nothing of lists in a store without any")
    func storesWithoutGroups() async throws {
        try await withTemporaryFolder { folder in
            let log = SampleLog(.text, rows: 500, users: 20, seed: 17)
            _ = try await ScriptedBatches(batches: log.batches(of: 100)).partition(
                into: "\(folder)/store", settings: PartitionSettings(buckets: 2))
            let text = try String(contentsOfFile: "\(folder)/store/manifest.json", encoding: .utf8)
            #expect(!text.contains("group"))
        }
    }

    @Test("refuses lists that the manifest names and a bucket lacks, or has for some samples only")
    func hostileBuckets() async throws {
        let log = Self.log(lists: 60, users: 5, seed: 2)
        try await withTemporaryFolder { folder in
            _ = try await stream(log, rows: 50).partition(
                into: "\(folder)/store", settings: PartitionSettings(buckets: 1))
            let store = try PartitionStore(opening: "\(folder)/store")
            let user = try store.users().users[0]
            let path = "\(folder)/store/\(StoreLayout.bucket(0))"
            let decoder = try ArrowStreamDecoder(name: path, bytes: Array(Data(contentsOf: URL(filePath: path))))
            let group = try #require(decoder.schema.fields.firstIndex { $0.name == "group" })
            let batch = try #require(try decoder.nextBatch())

            var schema = decoder.schema
            schema.fields.remove(at: group)
            var columns = batch.columns
            columns.remove(at: group)
            let without = ArrowBatch(schema, columns: columns, count: batch.count)
            var holed = batch
            holed.columns[group].validity = (0..<batch.count).map { $0 != 3 }

            for (batch, message) in [
                (without, "the columns are not those that the manifest names"),
                (holed, "column `group` is null in row 4"),
            ] {
                let part = try #require(batch.schema.fields.firstIndex { $0.name == "part" })
                guard case .dictionary(_, let names) = batch.columns[part].values else { return }
                let encoder = ArrowStreamEncoder(schema: batch.schema, dictionaries: [part: names])
                try Data(encoder.start() + encoder.encode(batch) + encoder.end()).write(to: URL(filePath: path))
                let error = await #expect(throws: StageError.self) { try await samples(of: store) }
                #expect(error?.message == message)
                #expect(error?.code == .data)
                #expect(error?.position?.file == path)
                #expect(throws: StageError.self) { try store.localDataset(of: user) }
            }
        }
    }

    @Test("refuses a stream whose lists come or go midway")
    func change() async throws {
        let log = Self.log(lists: 5, users: 2, seed: 2)
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: StageError.self) {
                try await ScriptedBatches(batches: [log, SampleBatch(SampleLog.schema(.integer))]).partition(
                    into: "\(folder)/store")
            }
            #expect(error?.message == "the columns change within the stream")
        }
    }
}
