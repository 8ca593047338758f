import Samples

/// Checks, batch by batch, that a bucket read back is in the order that stages rely on: users by rising hash and key, each in
/// one piece, times and parts never falling within a user, and as many rows and users as the manifest says.
struct StoreOrder {
    private let expected: PartitionManifest.Bucket
    private let bucket: Int
    private let buckets: Int
    private var last: (users: KeyColumn, time: Int64, part: Part)?
    private var lastHash: UInt64 = 0
    private var continuesUser = false
    private var samples = 0
    private var users = 0

    /// The check of one bucket, to be given all its batches.
    init(_ manifest: PartitionManifest, bucket: Int) {
        expected = manifest.buckets[bucket]
        buckets = manifest.buckets.count
        self.bucket = bucket
    }

    /// What is wrong with the next batch; nil if nothing is. Cost: O(rows).
    mutating func fault(in batch: SampleBatch) -> String? {
        guard let parts = batch.parts else { return "samples have no part" }
        guard batch.count > 0 else { return nil }
        for range in batch.userRanges {
            let first = range.lowerBound
            if first == 0, let last, last.users.isEqual(0, to: batch.users, 0) {
                guard continuesUser else { return "user \(batch.users[0]) stands there twice" }
                guard last.time <= batch.times[0], last.part.rawValue <= parts[0].rawValue else {
                    return "the samples of user \(batch.users[0]) are out of order"
                }
            } else if let fault = faultInNewUser(at: first, of: batch) {
                return fault
            }
            for row in range.dropFirst() {
                guard batch.times[row - 1] <= batch.times[row], parts[row - 1].rawValue <= parts[row].rawValue else {
                    return "the samples of user \(batch.users[row]) are out of order"
                }
            }
        }
        let end = batch.count - 1
        var key = KeyColumn(batch.users.kind)
        key.append(end, of: batch.users)
        last = (key, batch.times[end], parts[end])
        continuesUser = batch.continuesUser
        samples += batch.count
        guard samples <= expected.samples, users <= expected.users else {
            return "there are more samples than the manifest says"
        }
        return nil
    }

    /// What is wrong at the end of the bucket; nil if nothing is.
    var faultAtEnd: String? {
        if continuesUser { return "a user's samples end early" }
        return samples != expected.samples || users != expected.users
            ? "there are fewer samples than the manifest says" : nil
    }

    private mutating func faultInNewUser(at row: Int, of batch: SampleBatch) -> String? {
        let users = batch.users
        let hash = UserHash.hash(row, of: users)
        defer { lastHash = hash }
        if row == 0, continuesUser { return "a user's samples end early" }
        let isInOrder: Bool
        if row > 0 {
            isInOrder = users.standsBefore(row - 1, hash: lastHash, users, row, hash: hash)
        } else {
            isInOrder = last.map { $0.users.standsBefore(0, hash: lastHash, users, row, hash: hash) } ?? true
        }
        guard isInOrder else { return "user \(users[row]) is out of order" }
        guard UserHash.slice(hash, of: buckets) == bucket else {
            return "user \(users[row]) belongs to another bucket"
        }
        self.users += 1
        return nil
    }
}
