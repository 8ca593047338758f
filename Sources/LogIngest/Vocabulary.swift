public import Samples

/// The keys of a dictionary feature: id `i` names `keys[i - 1]`. Id 0, "missing or unseen", has no key.
///
/// Ids stand in the order in which the log first named the keys.
public struct Vocabulary: Sendable, Hashable {
    /// The feature's name.
    public let feature: String
    /// The keys, in order of their ids from 1.
    public let keys: TextColumn
    /// In how many rows of the log each key occurred; as long as `keys`.
    public let counts: [Int64]

    /// Number of keys, which is also the greatest id.
    public var count: Int { keys.count }
}
