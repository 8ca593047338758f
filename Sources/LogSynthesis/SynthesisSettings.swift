import Samples

/// What a synthetic log is made from. The same settings give the same bytes on every machine.
public struct SynthesisSettings: Sendable, Hashable {
    /// Rows, 0...10¹⁰.
    public var rows = 5_000_000
    /// Users, 1...10⁹; their ids are 1...users.
    public var users = 50_000
    /// Items, 1...10⁹; their ids are 1...items.
    public var items = 100_000
    /// Categories of items, 1...1000; their ids are 1...categories.
    public var categories = 50
    /// What all randomness comes from.
    public var seed: UInt64 = 1
    /// Days that the log spans, 1...3650.
    public var days = 30
    /// Mean of users' local CTRs, 0.001...0.999.
    public var globalCTR = 0.3
    /// Sum of the two parameters of local CTRs' Beta distribution, 0.1...10⁶; the larger, the less drift.
    public var concentration = 10.0
    /// Spread of the logarithm of users' activity, 0...3.
    public var activitySigma = 1.0
    /// Exponent of items' popularity by Zipf's law, 0...3.
    public var itemExponent = 1.0
    /// Spread of users' preferences for categories on the scale of logits, 0...3.
    public var preferenceSpread = 1.0
    /// Spread of items' appeal, the same to all users, on the scale of logits, 0...3.
    public var appealSpread = 0.5
    /// Whether rows also tell the probability of their click.
    public var withProbability = false

    /// The default shape.
    public init() {}

    /// Throws `usage` for the first setting that is out of its range, by the name of its flag.
    func check() throws(StageError) {
        try Self.check("rows", rows, 0...10_000_000_000)
        try Self.check("users", users, 1...1_000_000_000)
        try Self.check("items", items, 1...1_000_000_000)
        try Self.check("categories", categories, 1...1000)
        try Self.check("days", days, 1...3650)
        try Self.check("global-ctr", globalCTR, 0.001...0.999)
        try Self.check("concentration", concentration, 0.1...1_000_000)
        try Self.check("activity-sigma", activitySigma, 0...3)
        try Self.check("item-exponent", itemExponent, 0...3)
        try Self.check("preference-spread", preferenceSpread, 0...3)
        try Self.check("appeal-spread", appealSpread, 0...3)
    }

    private static func check<Value>(
        _ name: String, _ value: Value, _ range: ClosedRange<Value>
    ) throws(StageError) {
        // Not a number is in no range.
        guard range.contains(value) else {
            throw StageError(
                .usage, "must be from \(range.lowerBound) to \(range.upperBound), is \(value)",
                at: SourcePosition(file: "--\(name)"))
        }
    }
}
