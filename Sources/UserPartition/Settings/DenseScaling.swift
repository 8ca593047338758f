/// How a dense feature is brought to a scale that models like, fitted on samples that the cloud may see: no validation or
/// test sample has a say.
///
/// Files keep the numbers as they came; they are scaled when a store is read.
public struct DenseScaling: Sendable, Hashable {
    /// The two ways.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Mean 0 and standard deviation 1 over those samples.
        case standard
        /// 0 for the least and 1 for the greatest number among them.
        case range
    }

    /// The feature's name.
    public var feature: String
    /// How it is scaled.
    public var kind: Kind
    /// What is taken from a number first: the mean, or the least.
    public var offset: Double
    /// What it is divided by then: the standard deviation (over n), or the range; 1 where that is 0.
    public var divisor: Double

    /// A number as models see it, computed in double precision.
    public func scaled(_ number: Float) -> Float { Float((Double(number) - offset) / divisor) }
}
