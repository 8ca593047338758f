import ByteStreams
import Samples
import Testing

@testable import UserPartition

@Suite("Cutting a bucket into batches")
struct BatchCutterTests {
    /// The batches of a bucket of users 0, 1, …, each with so many rows, given in pieces that end after some users.
    private func batches(rows: [SampleRow], pieces: [Int]) async throws -> [SampleBatch] {
        var batches: [SampleBatch] = []
        try await withTemporaryFolder { path in
            let folder = try Folder(opening: path, followsLinks: false)
            let schema = SampleLog.schema(.integer)
            var writer = try BucketWriter(
                schema, settings: PartitionSettings(split: .fractions(train: 0.5, validation: 0, test: 0.5)),
                bucket: 0, ids: IDCounts(features: 3), folder: folder, stop: StopSignal(Cancellation()))
            let users = Dictionary(grouping: rows, by: \.user)
            var rest = rows.map(\.user).reduce(into: [UserKey]()) { if $0.last != $1 { $0.append($1) } }[...]
            for size in pieces {
                let taken = rest.prefix(size).flatMap { users[$0] ?? [] }
                rest = rest.dropFirst(size)
                try writer.add(SortedRows(inOrder: SampleLog.batch(taken, schema)))
            }
            try #require(rest.isEmpty)
            let outcome = try writer.finish()
            #expect(outcome.bucket.samples == rows.count)
            let file = try SampleFile(try StoreFileReader(opening: StoreLayout.bucket(0), in: folder))
            while let batch = try file.nextBatch() { if batch.count > 0 { batches.append(batch) } }
        }
        return batches
    }

    private func rows(_ sizes: [Int], genres: [UInt32] = []) -> [SampleRow] {
        sizes.enumerated().flatMap { user, size in
            (0..<size).map { time in
                SampleRow(
                    user: .integer(Int64(user)), time: Int64(time), label: 0, item: 1, genres: genres, price: 0)
            }
        }
    }

    @Test(
        "puts whole users into batches up to the cap, larger users into batches of their own, however they come",
        arguments: [[13], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [5, 8], [9, 1, 3]])
    func slices(pieces: [Int]) async throws {
        // Users 0...9 of 1,000 rows, 10 of 20,000, 11 of 8,192, 12 of 1.
        let rows = rows(Array(repeating: 1000, count: 10) + [20_000, 8192, 1])
        let batches = try await batches(rows: rows, pieces: pieces)
        #expect(batches.map(\.count) == [8000, 2000, 8192, 8192, 3616, 8192, 1])
        #expect(batches.map(\.continuesUser) == [false, false, true, true, false, false, false])
        #expect(batches.flatMap(SampleLog.rows) == rows)
        let parts = batches.flatMap { $0.parts ?? [] }
        #expect(Array(parts[0..<1000]) == Array(repeating: .train, count: 500) + Array(repeating: .test, count: 500))
        #expect(parts[10_000..<20_000].allSatisfy { $0 == .train } && parts[20_000..<30_000].allSatisfy { $0 == .test })
    }

    @Test("caps batches by bytes where rows are wide")
    func wideRows() async throws {
        // 400,000 bytes of ids a row: ten rows fit in 4 MiB.
        let rows = rows([4, 4, 19], genres: [UInt32](repeating: 1, count: 100_000))
        let batches = try await batches(rows: rows, pieces: [2, 1])
        #expect(batches.map(\.count) == [8, 10, 9])
        #expect(batches.map(\.continuesUser) == [false, true, false])
    }

    @Test("has no batch where there are no rows")
    func empty() async throws {
        #expect(try await batches(rows: [], pieces: []).isEmpty)
    }
}
