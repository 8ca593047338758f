/// How often each id of one feature stands in the train parts: what popularity, the item mean and the list of known ids
/// are made of. Validation and test samples never count.
public struct TrainCounts: Sendable, Hashable {
    /// The feature's name.
    public let feature: String
    /// For each id, 0..<dictionary size, the number of train samples that hold it; once a sample, however often its
    /// list names it.
    public let samples: [Int]
    /// For each id the number of positive train samples that hold it.
    public let positives: [Int]

    /// Whether an id was ever seen in training; an id beyond the dictionary was not, and id 0 never is.
    public func isKnown(_ id: UInt32) -> Bool {
        id > 0 && Int(id) < samples.count && samples[Int(id)] > 0
    }
}
