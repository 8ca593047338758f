import ArrowStream
import Samples
import Testing

@testable import UserPartition

/// What 32-bit offsets cannot tell ends in an error. The limits are set small here; they are 2³¹ - 1 elsewhere.
@Suite("Columns that would outgrow their offsets")
struct CapacityTests {
    private func failure(_ body: () throws(StageError) -> Void) -> StageError? {
        do throws(StageError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("the index and a user's samples are read as far as they fit")
    func reading() async throws {
        try await withTemporaryFolder { folder in
            let rows = (0..<9000).map { (row: Int) -> SampleRow in
                SampleRow(
                    user: .text(row % 2 == 0 ? "even" : "odd"), time: Int64(row), label: row % 3 == 0 ? 1 : 0, item: 1,
                    genres: [1], price: 0)
            }
            let log = SampleLog(.text, rows: rows)
            _ = try await ScriptedBatches(batches: log.batches(of: 3000)).partition(
                into: "\(folder)/store", settings: PartitionSettings(buckets: 1))
            let store = try PartitionStore(opening: "\(folder)/store")
            #expect(try store.users(limit: 7).count == 2)
            let index = failure { () throws(StageError) in _ = try store.users(limit: 6) }
            #expect(index?.code == .data)
            #expect(index?.message.hasPrefix("the index does not fit in memory: 6 users") == true)

            let user = UserKey.text("even")
            #expect(try store.localDataset(of: user, limit: 4 * 4500)?.count == 4500)
            let samples = failure { () throws(StageError) in
                _ = try store.localDataset(of: user, limit: 4 * 4500 - 1)
            }
            #expect(samples == .userDoesNotFit(limit: 4 * 4500 - 1))
        }
    }

    @Test("keys that do not fit in one batch of the index go to the next", arguments: [1, 12, 30, 1000])
    func index(mostKeyBytes: Int) async throws {
        try await withTemporaryFolder { folder in
            let log = SampleLog(.text, rows: 300, users: 20, seed: 5)
            let sorted = SortedRows(SampleLog.batch(log.rows, log.schema), slices: 1)
            let directory = try Folder(opening: folder, followsLinks: false)
            var writer = try IndexPartWriter(.text, bucket: 0, folder: directory, mostKeyBytes: mostKeyBytes)
            for user in sorted.users {
                let counts = LocalDatasetCounts(
                    samples: PartitionManifest.Counts(train: user.count, validation: 0, test: 0))
                try writer.add(counts, key: Int(sorted.order[user.lowerBound]), of: sorted.rows.users, byteOffset: 0)
            }
            let part = try writer.finish()
            let encoder = ArrowStreamEncoder(schema: UserIndex.schema(.text))
            let bytes = try StoreFileReader(opening: part.name, in: directory).bytes(at: 0, atMost: part.bytes)
            let whole = try StoreFile(creating: StoreLayout.index, in: directory)
            try whole.write(encoder.start() + bytes + encoder.end())
            try whole.close()

            let file = try TableFile(try StoreFileReader(opening: StoreLayout.index, in: directory))
            var index = UserIndex(.text)
            var batches = 0
            while let batch = try file.nextBatch() {
                let users = try #require(UserIndex(batch, kind: .text))
                guard case .text(let keys) = users.users else { return }
                #expect(users.count > 0 && (users.count == 1 || keys.bytes.count <= mostKeyBytes))
                index.append(contentsOf: 0..<users.count, of: users)
                batches += 1
            }
            #expect(index.count == sorted.users.count)
            #expect(Set((0..<index.count).map { index.users[$0] }) == Set(log.rows.map(\.user)))
            #expect((batches == 1) == (mostKeyBytes == 1000))
        }
    }
}
