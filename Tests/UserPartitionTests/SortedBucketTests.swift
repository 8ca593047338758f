import Samples
import Testing

@testable import UserPartition

@Suite("Sorting one bucket")
struct SortedBucketTests {
    private let split = Split.fractions(train: 0.7, validation: 0.1, test: 0.2)

    @Test(
        "orders rows by key, time and place in the input, as a plain stable sort does",
        arguments: [KeyColumn.Kind.integer, .text], 0..<20 as Range<UInt64>)
    func order(kind: KeyColumn.Kind, seed: UInt64) {
        let log = SampleLog(kind, rows: Int(seed) * 37, users: 1 + Int(seed) * 5, seed: seed)
        let bucket = SortedBucket(SampleLog.batch(log.rows, log.schema), split: split)
        let expected = log.rows.indices.sorted { first, second in
            let (a, b) = (log.rows[first], log.rows[second])
            return a.user != b.user ? a.user < b.user : a.time != b.time ? a.time < b.time : first < second
        }
        #expect(bucket.order == expected)
    }

    @Test("counts each user's parts and positives, and gives each row its part")
    func parts() {
        let log = SampleLog(.integer, rows: 500, users: 20, seed: 5)
        let bucket = SortedBucket(SampleLog.batch(log.rows, log.schema), split: split)
        var place = 0
        for user in bucket.users {
            let rows = bucket.order[user.rows].map { log.rows[$0] }
            let (trainEnd, validationEnd) = split.parts(times: rows.map(\.time))
            #expect(user.rows.lowerBound == place)
            #expect(Set(rows.map(\.user)).count == 1)
            #expect(user.samples.train == trainEnd)
            #expect(user.samples.validation == validationEnd - trainEnd)
            #expect(user.samples.test == rows.count - validationEnd)
            #expect(user.trainPositives == rows.prefix(trainEnd).count { $0.label == 1 })
            place = user.rows.upperBound
        }
        #expect(place == log.rows.count)
        let all = bucket.parts(0..<place, users: bucket.users.indices)
        for user in bucket.users {
            let expected =
                Array(repeating: Part.train, count: user.samples.train)
                + Array(repeating: .validation, count: user.samples.validation)
                + Array(repeating: .test, count: user.samples.test)
            #expect(Array(all[user.rows]) == expected)
        }
    }

    @Test("cuts whole users into batches up to the cap, and larger users into batches of their own")
    func slices() {
        // Users 0...9 of 1,000 rows, 10 of 20,000, 11 of 8,192, 12 of 1.
        let sizes = Array(repeating: 1000, count: 10) + [20_000, 8192, 1]
        let rows = sizes.enumerated().flatMap { user, size in
            (0..<size).map { time in
                SampleRow(
                    user: .integer(Int64(user)), time: Int64(time), label: 0, item: 1, genres: [], price: 0)
            }
        }
        let bucket = SortedBucket(SampleLog.batch(rows, SampleLog.schema(.integer)), split: split)
        let slices = bucket.slices
        #expect(slices.map(\.places.count) == [8000, 2000, 8192, 8192, 3616, 8192, 1])
        #expect(slices.map(\.continuesUser) == [false, false, true, true, false, false, false])
        #expect(slices.map(\.users) == [0..<8, 8..<10, 10..<11, 10..<11, 10..<11, 11..<12, 12..<13])
        let batches = slices.map(bucket.batch)
        #expect(batches.flatMap(SampleLog.rows) == rows)
        for batch in batches { #expect(batch.parts?.count == batch.count) }
    }

    @Test("caps batches by bytes where rows are wide")
    func wideRows() {
        // 400,000 bytes of ids a row: ten rows fit in 4 MiB.
        let wide = [UInt32](repeating: 1, count: 100_000)
        let rows = (0..<27).map { row in
            SampleRow(
                user: .integer(row < 4 ? 0 : row < 8 ? 1 : 2), time: Int64(row), label: 0, item: 1, genres: wide,
                price: 0)
        }
        let slices = SortedBucket(SampleLog.batch(rows, SampleLog.schema(.integer)), split: split).slices
        #expect(slices.map(\.places) == [0..<8, 8..<18, 18..<27])
        #expect(slices.map(\.continuesUser) == [false, true, false])
    }

    @Test("has no batch where there are no rows")
    func empty() {
        let bucket = SortedBucket(SampleBatch(SampleLog.schema(.text)), split: split)
        #expect(bucket.slices.isEmpty)
        #expect(bucket.users.isEmpty)
    }
}
