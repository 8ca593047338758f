import Samples

/// The user's earlier positives as a feature of each sample, for models that attend over them.
///
/// Each of `features` gives a list feature `history_NAME` of its ids: those of the user's last `length` positive samples
/// that are strictly earlier in time, oldest first. A sample of the same time is not earlier. Lists of several features
/// stand beside each other: place `i` of each is of one sample.
///
/// Histories are not on disk: they are made when a store is read, from the samples that are there anyway.
public struct HistorySettings: Sendable, Hashable {
    /// Which positives a validation or test sample sees. Train samples see all earlier ones by either.
    public enum Reach: String, Sendable, Hashable, CaseIterable {
        /// Everything earlier: what a device knows when it scores.
        case online
        /// The train part only: what the device knew when it was tuned.
        case trainEnd = "train-end"
    }

    /// Names of categorical features.
    public var features: [String]
    /// Most positives in a list, 1...1000.
    public var length: Int
    /// Which positives count.
    public var reach: Reach

    /// The last `length` positives, by some of their features.
    public init(features: [String], length: Int = 50, reach: Reach = .online) {
        self.features = features
        self.length = length
        self.reach = reach
    }

    /// The name of the list feature made of a feature.
    public static func name(of feature: String) -> String { "history_\(feature)" }

    /// Positives that a history may hold.
    public static let lengthRange = 1...1000

    func check() throws(StageError) {
        guard Self.lengthRange.contains(length) else {
            throw StageError(.usage, "a history must hold 1 to \(Self.lengthRange.upperBound) positives")
        }
        guard !features.isEmpty, Set(features).count == features.count else {
            throw StageError(.usage, "a history needs at least one feature, and none of them twice")
        }
    }

    /// The features' places. Throws `usage` if the samples have no such features, or others by the new names.
    func columns(in schema: SampleSchema) throws(StageError) -> [Int] {
        var columns: [Int] = []
        for name in features {
            guard let column = schema.features.firstIndex(where: { $0.name == name }) else {
                throw StageError(
                    .usage, "there is no feature `\(name)` to make a history of",
                    advice: "the samples have \(schema.features.map(\.name).joined(separator: ", "))")
            }
            guard schema.features[column].kind == .categorical else {
                throw StageError(.usage, "a history is made of categorical features, and `\(name)` is none")
            }
            guard !schema.features.contains(where: { $0.name == Self.name(of: name) }) else {
                throw StageError(.usage, "the samples have a feature `\(Self.name(of: name))` already")
            }
            columns.append(column)
        }
        return columns
    }

    /// The schema with the list features at its end.
    func extended(_ schema: SampleSchema, columns: [Int]) -> SampleSchema {
        var extended = schema
        for column in columns {
            let feature = schema.features[column]
            extended.features.append(
                SampleSchema.Feature(
                    name: Self.name(of: feature.name), kind: .multivalued, encoding: feature.encoding))
        }
        return extended
    }
}
