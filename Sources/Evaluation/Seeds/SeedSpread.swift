/// One number found once a seed: its values in the order of the seeds, their mean and how far they spread.
public struct SeedSpread: Sendable, Hashable {
    /// The values, one a seed; nil where the number is undefined.
    public let values: [Double?]
    /// The mean; nil if there is no value or one is undefined.
    public let mean: Double?
    /// The sample standard deviation (divisor n − 1); nil for fewer than two seeds or if a value is undefined.
    public let sd: Double?

    /// The spread of `values`.
    public init(_ values: [Double?]) {
        self.values = values
        let defined = values.compactMap(\.self)
        guard !values.isEmpty, defined.count == values.count else {
            mean = nil
            sd = nil
            return
        }
        let mean = Self.sum(defined) / Double(defined.count)
        self.mean = mean
        let squares = defined.map { ($0 - mean) * ($0 - mean) }
        sd = defined.count < 2 ? nil : (Self.sum(squares) / Double(defined.count - 1)).squareRoot()
    }

    /// The difference of two numbers paired by seed; both hold the same seeds in the same order.
    public static func - (a: SeedSpread, b: SeedSpread) -> SeedSpread {
        precondition(a.values.count == b.values.count)
        return SeedSpread(
            zip(a.values, b.values).map { a, b in
                guard let a, let b else { return nil }
                return a - b
            })
    }

    private static func sum(_ values: [Double]) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value) }
        return sum.value
    }
}
