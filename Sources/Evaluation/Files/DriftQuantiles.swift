/// Labelled numbers for the line on drift below a table of arms.
public struct DriftQuantiles: Sendable, Hashable {
    /// What the numbers are quantiles of; `drift (local CTR − global CTR)`.
    public var title: String
    /// The numbers, in the order in which they are shown.
    public var quantiles: [Quantile]

    /// One labelled number.
    public struct Quantile: Sendable, Hashable {
        /// The quantile's name; `10%`, `median`.
        public var label: String
        /// Its value.
        public var value: Double

        /// A labelled number.
        public init(label: String, value: Double) {
            self.label = label
            self.value = value
        }
    }

    /// Whether numbers are differences, shown with their sign.
    public var areDifferences: Bool

    /// A line of numbers under `title`.
    public init(title: String, quantiles: [Quantile], areDifferences: Bool = true) {
        self.title = title
        self.areDifferences = areDifferences
        self.quantiles = quantiles
    }
}
