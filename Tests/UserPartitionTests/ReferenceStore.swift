import ByteStreams
import Samples
import Testing
import UserPartition

/// A store as plain rows in memory, made the obvious way.
struct ReferenceStore {
    struct User {
        var key: UserKey
        var bucket: Int
        var rows: [SampleRow]
        var trainEnd: Int
        var validationEnd: Int
    }

    let users: [User]
    init(_ log: SampleLog, buckets: Int) {
        let split = Split.fractions(train: 0.7, validation: 0.1, test: 0.2)
        var users: [User] = []
        for (key, rows) in Dictionary(grouping: log.rows, by: \.user) {
            // Grouping keeps the input's order, and so does this sort for equal times.
            let sorted = rows.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
                .map(\.element)
            let (trainEnd, validationEnd) = split.parts(times: sorted.map(\.time))
            users.append(
                User(
                    key: key, bucket: Self.bucket(of: key, buckets), rows: sorted, trainEnd: trainEnd,
                    validationEnd: validationEnd))
        }
        self.users = users.sorted { ($0.bucket, $0.key) < ($1.bucket, $1.key) }
    }

    /// The store's hash, written once more from its description.
    private static func bucket(of key: UserKey, _ buckets: Int) -> Int {
        var value: UInt64
        switch key {
        case .integer(let number): value = UInt64(bitPattern: number)
        case .text(let text):
            value = text.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        }
        var generator = SeededGenerator(seed: value)
        value = generator.next()
        return Int((Double(value >> 11) / Double(1 << 53) * Double(buckets)).rounded(.down))
    }
}

/// Expects every way to read `store` to give what `expected` holds.
func expect(_ store: PartitionStore, is expected: ReferenceStore) async throws {
    try store.verify()
    var rows: [SampleRow] = []
    var parts: [Part] = []
    for try await batch in store.localDatasets() {
        rows += SampleLog.rows(batch)
        parts += try #require(batch.parts)
    }
    #expect(rows == expected.users.flatMap(\.rows))
    #expect(parts == expected.users.flatMap(\.parts))

    let index = try store.users()
    #expect((0..<index.count).map { index.users[$0] } == expected.users.map(\.key))
    #expect(index.buckets.map { Int($0) } == expected.users.map(\.bucket))
    #expect(index.trainSamples.map { Int($0) } == expected.users.map { $0.count(of: .train) })
    #expect(index.validationSamples.map { Int($0) } == expected.users.map { $0.count(of: .validation) })
    #expect(index.testSamples.map { Int($0) } == expected.users.map { $0.count(of: .test) })
    #expect(index.trainPositives.map { Int($0) } == expected.users.map(\.trainPositives))

    // At most some 60 of them, spread over all: each look-up reads a batch.
    for number in stride(from: 0, to: expected.users.count, by: max(1, expected.users.count / 60)) {
        let user = expected.users[number]
        let found = try #require(try store.localDataset(of: user.key))
        #expect(SampleLog.rows(found) == user.rows)
        #expect(found.parts == user.parts)
    }
    #expect(try store.localDataset(of: .integer(.max)) == nil)
    #expect(try store.localDataset(of: .text("nobody")) == nil)

    try expectCounts(store, expected)
    let manifest = store.manifest
    #expect(manifest.users == expected.users.count)
    for part in Part.allCases {
        let keyPath: KeyPath<PartitionManifest.Counts, Int> =
            switch part {
            case .train: \.train
            case .validation: \.validation
            case .test: \.test
            }
        #expect(manifest.samples[keyPath: keyPath] == expected.users.reduce(0) { $0 + $1.count(of: part) })
        #expect(manifest.usersWithout[keyPath: keyPath] == expected.users.count { $0.count(of: part) == 0 })
    }
    #expect(manifest.trainPositives == expected.users.reduce(0) { $0 + $1.trainPositives })
    let greatestItem = expected.users.flatMap(\.rows).map(\.item).max() ?? 0
    #expect(manifest.dictionarySizes == [Int(greatestItem) + 1, 7, nil])
}

/// Expects the counts to be those of a dictionary over train rows.
private func expectCounts(_ store: PartitionStore, _ expected: ReferenceStore) throws {
    let train = expected.users.flatMap { $0.rows.prefix($0.trainEnd) }
    let counts = try store.trainCounts()
    #expect(counts.map(\.feature) == ["item", "genres"])
    let ids: [(SampleRow) -> Set<UInt32>] = [{ [$0.item] }, { Set($0.genres) }]
    for (table, ids) in zip(counts, ids) {
        var samples: [UInt32: Int] = [:]
        var positives: [UInt32: Int] = [:]
        for row in train {
            for id in ids(row) {
                samples[id, default: 0] += 1
                positives[id, default: 0] += row.label == 1 ? 1 : 0
            }
        }
        #expect(table.samples == table.samples.indices.map { samples[UInt32($0)] ?? 0 })
        #expect(table.positives == table.positives.indices.map { positives[UInt32($0)] ?? 0 })
        #expect(table.samples.count > Int(samples.keys.max() ?? 0))
        for id in 0...60 as ClosedRange<UInt32> { #expect(table.isKnown(id) == (id > 0 && samples[id] != nil)) }
    }
}

extension ReferenceStore.User {
    var parts: [Part] {
        rows.indices.map { $0 < trainEnd ? .train : $0 < validationEnd ? .validation : .test }
    }

    var trainPositives: Int { rows.prefix(trainEnd).count { $0.label == 1 } }

    func count(of part: Part) -> Int { parts.count { $0 == part } }
}
