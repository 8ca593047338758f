import Samples
import Testing

@testable import UserPartition

@Suite("Checking the order of a bucket read back")
struct StoreOrderTests {
    private struct Row {
        /// The user's rank by hash among `users`.
        var user: Int
        var time: Int64 = 0
        var part: Part = .train
    }

    private static let users = (0..<20 as Range<Int64>).sorted { UserHash.hash($0) < UserHash.hash($1) }

    private func batch(_ rows: [Row], continuesUser: Bool = false) -> SampleBatch {
        var batch = SampleLog.batch(
            rows.map {
                SampleRow(user: .integer(Self.users[$0.user]), time: $0.time, label: 0, item: 0, genres: [], price: 0)
            }, SampleLog.schema(.integer))
        batch.parts = rows.map(\.part)
        batch.continuesUser = continuesUser
        return batch
    }

    /// What is found in the only bucket of a store of so many samples and users.
    private func fault(in batches: [SampleBatch], samples: Int, users: Int) -> String? {
        let file = PartitionManifest.File(bytes: 0, sha256: "")
        let bucket = PartitionManifest.Bucket(file: file, samples: samples, users: users, indexOffset: 0)
        let manifest = PartitionManifest(
            schema: SampleLog.schema(.integer), settings: PartitionSettings(), tally: StoreTally(),
            dictionarySizes: [1, 7, nil], buckets: [bucket], index: file, trainCounts: file)
        var order = StoreOrder(manifest, bucket: 0)
        for batch in batches {
            if let fault = order.fault(in: batch) { return fault }
        }
        return order.faultAtEnd
    }

    @Test("accepts users by rising hash, in one batch or over several, and empty batches between")
    func accepted() {
        let first = batch(
            [Row(user: 0), Row(user: 1, time: 3), Row(user: 1, time: 3, part: .test)], continuesUser: true)
        let second = batch([Row(user: 1, time: 4, part: .test), Row(user: 9, time: -4)])
        #expect(fault(in: [batch([]), first, second, batch([])], samples: 5, users: 3) == nil)
        #expect(fault(in: [], samples: 0, users: 0) == nil)
    }

    @Test("finds users out of order, within a batch and between two")
    func users() {
        #expect(
            fault(in: [batch([Row(user: 2), Row(user: 1)])], samples: 2, users: 2)?.contains("out of order") == true)
        let apart = [batch([Row(user: 2)]), batch([Row(user: 1)])]
        #expect(fault(in: apart, samples: 2, users: 2)?.contains("out of order") == true)
        let torn = [batch([Row(user: 1), Row(user: 2), Row(user: 1)])]
        #expect(fault(in: torn, samples: 3, users: 2)?.contains("out of order") == true)
    }

    @Test("finds times and parts that fall within a user, within a batch and between two")
    func samples() {
        for (first, second) in [
            (Row(user: 1, time: 5), Row(user: 1, time: 4)),
            (Row(user: 1, part: .test), Row(user: 1, part: .validation)),
        ] {
            #expect(fault(in: [batch([first, second])], samples: 2, users: 1)?.contains("out of order") == true)
            let apart = [batch([first], continuesUser: true), batch([second])]
            #expect(fault(in: apart, samples: 2, users: 1)?.contains("out of order") == true)
        }
    }

    @Test("finds a user that goes on unannounced, and one that is announced to go on and does not")
    func continuation() {
        let unannounced = [batch([Row(user: 1)]), batch([Row(user: 1)])]
        #expect(fault(in: unannounced, samples: 2, users: 1)?.contains("stands there twice") == true)
        let announced = batch([Row(user: 1)], continuesUser: true)
        #expect(fault(in: [announced, batch([Row(user: 2)])], samples: 2, users: 2)?.contains("end early") == true)
        #expect(fault(in: [announced], samples: 1, users: 1)?.contains("end early") == true)
    }

    @Test("finds more or fewer samples or users than the manifest says")
    func counts() {
        let whole = [batch([Row(user: 1), Row(user: 1), Row(user: 2)])]
        #expect(fault(in: whole, samples: 3, users: 2) == nil)
        #expect(fault(in: whole, samples: 2, users: 2)?.contains("more samples") == true)
        #expect(fault(in: whole, samples: 4, users: 2)?.contains("fewer samples") == true)
        #expect(fault(in: whole, samples: 3, users: 1)?.contains("more samples") == true)
        #expect(fault(in: whole, samples: 3, users: 3)?.contains("fewer samples") == true)
    }

    @Test("finds samples without a part")
    func noParts() {
        var bare = batch([Row(user: 1)])
        bare.parts = nil
        #expect(fault(in: [bare], samples: 1, users: 1)?.contains("no part") == true)
    }
}
