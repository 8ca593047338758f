import Samples

/// Samples with label 0 for logs that hold positives only: for each positive one, some items that the user did not take.
///
/// Items are drawn, each by itself, from those that the cloud sees in training, never one that is among the user's own
/// positives of that part or an earlier one: a train sample's draw looks at no sample of a later part. A drawn sample
/// has its positive's user, time, part and list, and follows it. The same number for everyone makes every local CTR the
/// same: then there is no drift, and nothing to correct.
public struct NegativeSettings: Sendable, Hashable {
    /// How items are drawn.
    public enum Draw: String, Sendable, Hashable, CaseIterable {
        /// Each item as likely as any other.
        case uniform
        /// By the item's positive samples among those that the cloud may see.
        case popularity
    }

    /// Samples drawn for each positive one, 1...1000.
    public var perPositive: Int
    /// How items are drawn.
    public var draw: Draw
    /// Features that go with the item; a drawn sample takes them from the item's first sample in the store that the cloud may
    /// see. Every other feature is the positive's.
    public var itemFeatures: [String]
    /// Each user's draws depend on it and the user's key, not on other users, threads or order.
    public var seed: UInt64

    /// Settings for so many negatives a positive.
    public init(perPositive: Int, draw: Draw = .uniform, itemFeatures: [String] = [], seed: UInt64 = 1) {
        self.perPositive = perPositive
        self.draw = draw
        self.itemFeatures = itemFeatures
        self.seed = seed
    }

    /// Negatives that may be drawn for a positive.
    public static let perPositiveRange = 1...1000

    func check() throws(StageError) {
        guard Self.perPositiveRange.contains(perPositive) else {
            throw StageError(.usage, "negatives a positive must be 1 to \(Self.perPositiveRange.upperBound)")
        }
        guard Set(itemFeatures).count == itemFeatures.count else {
            throw StageError(.usage, "a feature that goes with the item is named twice")
        }
    }

    /// The places of the item and of the features that go with it. Throws `usage` if the samples do not have them.
    func columns(in schema: SampleSchema) throws(StageError) -> (item: Int, features: [Int]) {
        guard let item = schema.item else {
            throw StageError(
                .usage, "the samples name no item, so there is nothing to draw negatives from",
                advice: "say in `ingest.item` which column it is")
        }
        var columns: [Int] = []
        for name in itemFeatures {
            guard let column = schema.features.firstIndex(where: { $0.name == name }), column != item else {
                throw StageError(.usage, "there is no feature `\(name)` that could go with the item")
            }
            columns.append(column)
        }
        return (item, columns)
    }
}
