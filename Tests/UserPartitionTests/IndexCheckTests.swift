import Samples
import Testing

@testable import UserPartition

@Suite("Checking an index read back")
struct IndexCheckTests {
    /// Runs `body` with the index and the manifest of a store of two buckets.
    private func withIndex(_ body: (UserIndex, PartitionManifest) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let log = SampleLog(.text, rows: 300, users: 30, seed: 4)
            _ = try await ScriptedBatches(batches: log.batches(of: 100)).partition(
                into: "\(folder)/store",
                settings: PartitionSettings(heldOut: HeldOutUsers(millionths: 300_000), buckets: 2))
            let store = try PartitionStore(opening: "\(folder)/store")
            try body(try store.users(), store.manifest)
        }
    }

    @Test("accepts what was written, and finds every kind of change")
    func changes() async throws {
        try await withIndex { index, manifest in
            #expect(IndexCheck.fault(in: index, manifest) == nil)
            let changes: [(inout UserIndex) -> Void] = [
                { $0.buckets[0] = 2 }, { $0.buckets[0] = .max }, { $0.buckets[0] = 1 }, { $0.firstRows[3] += 1 },
                { $0.firstRows[0] = .max }, { $0.trainSamples[0] += 1 }, { $0.trainSamples[0] = .max },
                { $0.trainPositives[0] = $0.trainSamples[0] + 1 },
                {
                    $0.trainSamples[0] = 0
                    $0.validationSamples[0] = 0
                    $0.testSamples[0] = 0
                },
                {
                    let samples = $0.testSamples
                    guard let other = samples.firstIndex(where: { $0 != samples[0] }) else { return }
                    $0.testSamples.swapAt(0, other)
                }, { $0.areHeldOut[1].toggle() },
                {
                    let whole = $0
                    $0 = UserIndex(.text)
                    $0.append(contentsOf: 1..<2, of: whole)
                    $0.append(contentsOf: 0..<1, of: whole)
                    $0.append(contentsOf: 2..<whole.count, of: whole)
                },
                {
                    let whole = $0
                    $0 = UserIndex(.text)
                    $0.append(contentsOf: 0..<(whole.count - 1), of: whole)
                },
            ]
            for (number, change) in changes.enumerated() {
                var changed = index
                change(&changed)
                #expect(changed != index, "change \(number)")
                #expect(IndexCheck.fault(in: changed, manifest) != nil, "change \(number)")
            }
        }
    }

    @Test("finds each user by key and bucket, and no other")
    func places() async throws {
        try await withIndex { index, _ in
            for user in 0..<index.count {
                #expect(index.place(of: index.users[user], in: index.buckets[user]) == user)
                #expect(index.place(of: index.users[user], in: 1 - index.buckets[user]) == nil)
            }
            #expect(index.place(of: .text(""), in: 0) == nil)
            #expect(index.place(of: .text("zzz"), in: 1) == nil)
            #expect(index.place(of: .integer(1), in: 1) == nil)
            #expect(UserIndex(.integer).place(of: .integer(1), in: 0) == nil)
        }
    }
}
