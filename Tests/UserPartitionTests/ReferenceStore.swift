import ByteStreams
import Samples
import Testing
import UserPartition

/// A store as plain rows in memory, made the obvious way.
struct ReferenceStore {
    struct User {
        var key: UserKey
        var bucket: Int
        var hash: UInt64
        var rows: [SampleRow]
        var trainEnd: Int
        var validationEnd: Int
        var isHeldOut: Bool
        /// Train rows that the cloud may see.
        var cloudEnd: Int
    }

    let users: [User]
    let leftOut: [User]

    init(_ log: SampleLog, settings: PartitionSettings) {
        var users: [User] = []
        for (key, rows) in Dictionary(grouping: log.rows, by: \.user) {
            // Grouping keeps the input's order, and so does this sort for equal times.
            let sorted = rows.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
                .map(\.element)
            let (trainEnd, validationEnd) = settings.split.parts(times: sorted.map(\.time))
            let hash = Self.hash(of: key)
            let isHeldOut = settings.heldOut.map { Self.isHeldOut(hash, $0) } ?? false
            let cloudEnd = sorted.prefix(trainEnd).count { $0.time < settings.cloudUntil ?? .max }
            users.append(
                User(
                    key: key,
                    bucket: Int((Double(hash >> 11) / Double(1 << 53) * Double(settings.buckets)).rounded(.down)),
                    hash: hash, rows: sorted, trainEnd: trainEnd, validationEnd: validationEnd, isHeldOut: isHeldOut,
                    cloudEnd: isHeldOut ? 0 : cloudEnd))
        }
        let filter = settings.filter
        func isIn(_ user: User) -> Bool {
            (filter.fewestSamples...filter.mostSamples).contains(user.rows.count)
                && user.rows.count { $0.label == 1 } >= filter.fewestPositives
        }
        leftOut = users.filter { !isIn($0) }
        self.users = users.filter(isIn).sorted { $0.hash < $1.hash }
    }

    /// The store's hash, written once more from its description.
    private static func hash(of key: UserKey) -> UInt64 {
        let value: UInt64 =
            switch key {
            case .integer(let number): UInt64(bitPattern: number)
            case .text(let text):
                text.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
            }
        return mix(value)
    }

    private static func isHeldOut(_ hash: UInt64, _ choice: HeldOutUsers) -> Bool {
        let drawn = mix(hash ^ mix(choice.seed))
        return (Double(drawn >> 11) / Double(1 << 53) * 1e6).rounded(.down) < Double(choice.millionths)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var generator = SeededGenerator(seed: value)
        return generator.next()
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
    #expect(index.areHeldOut == expected.users.map(\.isHeldOut))

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
    #expect(manifest.leftOut.values.reduce(0) { $0 + $1.users } == expected.leftOut.count)
    #expect(manifest.leftOut.values.reduce(0) { $0 + $1.samples } == expected.leftOut.reduce(0) { $0 + $1.rows.count })
    let heldOut = expected.users.filter(\.isHeldOut)
    #expect(manifest.heldOut?.users ?? 0 == heldOut.count)
    #expect(manifest.heldOut?.train.samples ?? 0 == heldOut.reduce(0) { $0 + $1.trainEnd })
    #expect(manifest.heldOut?.train.positives ?? 0 == heldOut.reduce(0) { $0 + $1.trainPositives })
    #expect(manifest.cloud.samples == expected.users.reduce(0) { $0 + $1.cloudEnd })
    #expect(
        manifest.cloud.positives
            == expected.users.reduce(0) { $0 + $1.rows.prefix($1.cloudEnd).count { $0.label == 1 } })
    let greatestItem = expected.users.flatMap(\.rows).map(\.item).max() ?? 0
    #expect(manifest.dictionarySizes == [Int(greatestItem) + 1, 7, nil])
}

/// Expects the counts to be those of a dictionary over rows that the cloud may see.
private func expectCounts(_ store: PartitionStore, _ expected: ReferenceStore) throws {
    let train = expected.users.flatMap { $0.rows.prefix($0.cloudEnd) }
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
