public import Samples

/// The users of a store, by bucket, hash and key: where each one's samples stand and how many there are in each part.
///
/// Columns of one length. Local CTRs, drift and the choice of users come from here, without a look at the samples.
public struct UserIndex: Sendable, Hashable {
    /// The users' keys.
    public internal(set) var users: KeyColumn
    /// The bucket file of each.
    public internal(set) var buckets: [UInt32] = []
    /// The row of the bucket, from 0, with which each begins.
    public internal(set) var firstRows: [UInt64] = []
    /// The byte of the bucket file at which the batch begins that holds this row.
    public internal(set) var byteOffsets: [UInt64] = []
    /// Number of train samples.
    public internal(set) var trainSamples: [UInt32] = []
    /// Number of validation samples.
    public internal(set) var validationSamples: [UInt32] = []
    /// Number of test samples.
    public internal(set) var testSamples: [UInt32] = []
    /// Number of positive train samples.
    public internal(set) var trainPositives: [UInt32] = []

    /// Whether the cloud never sees the user.
    public internal(set) var areHeldOut: [Bool] = []

    /// An index of no users.
    init(_ kind: KeyColumn.Kind) {
        users = KeyColumn(kind)
    }

    /// Number of users.
    public var count: Int { users.count }

    /// Number of samples of one user in all parts.
    public func samples(_ user: Int) -> Int {
        Int(trainSamples[user]) + Int(validationSamples[user]) + Int(testSamples[user])
    }

    /// Appends users of another index.
    mutating func append(contentsOf range: Range<Int>, of other: UserIndex) {
        users.append(contentsOf: range, of: other.users)
        buckets.append(contentsOf: other.buckets[range])
        firstRows.append(contentsOf: other.firstRows[range])
        byteOffsets.append(contentsOf: other.byteOffsets[range])
        trainSamples.append(contentsOf: other.trainSamples[range])
        validationSamples.append(contentsOf: other.validationSamples[range])
        testSamples.append(contentsOf: other.testSamples[range])
        trainPositives.append(contentsOf: other.trainPositives[range])
        areHeldOut.append(contentsOf: other.areHeldOut[range])
    }
}
