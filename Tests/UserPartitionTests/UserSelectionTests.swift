import ByteStreams
import Samples
import Testing

@testable import UserPartition

@Suite("Working on some of a store's users")
struct UserSelectionTests {
    private func withStore(
        _ kind: KeyColumn.Kind = .integer, _ body: (PartitionStore, ReferenceStore) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let settings = PartitionSettings(heldOut: HeldOutUsers(millionths: 300_000), buckets: 3)
            var rows = SampleLog(kind, rows: 3000, users: 300, seed: 4).rows
            // One user of more rows than a batch.
            let large: UserKey = kind == .integer ? .integer(77) : .text("large")
            rows += (0..<9000).map {
                SampleRow(user: large, time: Int64($0), label: Float($0 % 2), item: 1, genres: [], price: 0)
            }
            let log = SampleLog(kind, rows: rows)
            _ = try await ScriptedBatches(batches: log.batches(of: 500)).partition(
                into: "\(folder)/store", settings: settings)
            try await body(PartitionStore(opening: "\(folder)/store"), ReferenceStore(log, settings: settings))
        }
    }

    private func users(_ store: PartitionStore) async throws -> [UserKey: Int] {
        var counts: [UserKey: Int] = [:]
        var goesOn: UserKey?
        for try await batch in store.localDatasets() {
            for range in batch.userRanges {
                if range.lowerBound == 0, let goesOn { #expect(batch.users[0] == goesOn) }
                counts[batch.users[range.lowerBound], default: 0] += range.count
            }
            goesOn = batch.continuesUser ? batch.users[batch.count - 1] : nil
        }
        #expect(goesOn == nil)
        return counts
    }

    @Test("reads the named users whole, and no other", arguments: [KeyColumn.Kind.integer, .text])
    func byKey(kind: KeyColumn.Kind) async throws {
        try await withStore(kind) { store, expected in
            var wanted = expected.users.enumerated().filter { $0.offset % 7 == 0 }.map(\.element)
            wanted += expected.users.filter { $0.rows.count == 9000 }
            let selection = UserSelection(keys: wanted.map(\.key) + [.integer(-1), .text("nobody")])
            let found = try await users(store.selecting(selection))
            #expect(found == Dictionary(wanted.map { ($0.key, $0.rows.count) }) { $1 })
            // Nobody is another selection than everybody.
            let nobody = UserSelection(keys: [.integer(1)]).intersection(UserSelection(keys: [.integer(2)]))
            #expect(store.selecting(nobody).identity != store.selecting(UserSelection()).identity)
            let none = try await users(store.selecting(UserSelection(keys: [.integer(-5)])))
            #expect(none.isEmpty)
        }
    }

    @Test("reads the same share of users every time, a smaller one out of a larger one")
    func share() async throws {
        try await withStore { store, expected in
            let tenth = try await users(store.selecting(UserSelection(millionths: 100_000)))
            let half = try await users(store.selecting(UserSelection(millionths: 500_000)))
            let all = try await users(store.selecting(UserSelection(millionths: 1_000_000)))
            #expect(all.count == expected.users.count)
            #expect(abs(Double(tenth.count) - Double(all.count) / 10) < 25)
            #expect(abs(Double(half.count) - Double(all.count) / 2) < 40)
            #expect(tenth.allSatisfy { half[$0.key] == $0.value } && half.allSatisfy { all[$0.key] == $0.value })
            let both = store.selecting(UserSelection(millionths: 500_000)).selecting(UserSelection(millionths: 100_000))
            let bothUsers = try await users(both)
            #expect(bothUsers == tenth)
        }
    }

    @Test("leaves out held-out users where only the cloud's are asked for")
    func heldOut() async throws {
        try await withStore { store, expected in
            let seen = try await users(store.withoutHeldOutUsers())
            let wanted = expected.users.filter { !$0.isHeldOut }
            #expect(seen == Dictionary(wanted.map { ($0.key, $0.rows.count) }) { $1 })
            #expect(wanted.count < expected.users.count)
            let measured = store.manifest.measured
            #expect(measured.samples == wanted.reduce(0) { $0 + $1.trainEnd })
            #expect(measured.positives == wanted.reduce(0) { $0 + $1.trainPositives })
        }
    }

    @Test("reads keys line by line")
    func lines() throws {
        func selection(_ text: String, _ kind: KeyColumn.Kind) throws(StageError) -> UserSelection {
            try UserSelection(lines: Array(text.utf8), kind: kind, file: "users.txt")
        }
        #expect(try selection("7\r\n\n-3\n7", .integer) == UserSelection(keys: [.integer(7), .integer(-3)]))
        #expect(try selection("a b\nc,d\n", .text) == UserSelection(keys: [.text("a b"), .text("c,d")]))
        let error = #expect(throws: StageError.self) { try selection("1\n2\nx\n", .integer) }
        #expect(error?.code == .data)
        #expect(error?.position == SourcePosition(file: "users.txt", line: 3))
        #expect(throws: StageError.self) { try selection("\n\n", .text) }
        #expect(throws: StageError.self) {
            try UserSelection(lines: [0xFF, 0x0A], kind: .text, file: "users.txt")
        }
    }
}
