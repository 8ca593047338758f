/// The ε of differential privacy: how much more likely one report may be than it would be for other data, at most `exp(ε)` times.
///
/// In whole millionths, so that noise is drawn with integers alone.
public struct Epsilon: Sendable, Hashable, Comparable {
    /// The most millionths, an ε of 1000; far below that nothing is private any more.
    public static let mostMillionths = 1_000_000_000

    /// Millionths, 1...`mostMillionths`.
    public let millionths: Int

    /// An ε of so many millionths; throws unless there are 1 to `mostMillionths`.
    public init(millionths: Int) throws(LabelCorrectionError) {
        guard 1...Self.mostMillionths ~= millionths else { throw Self.outOfRange }
        self.millionths = millionths
    }

    /// The ε that is written so; throws for a number out of range or with more than six decimals, which is never rounded: that
    /// would state another guarantee than was asked for.
    public init(_ value: Double) throws(LabelCorrectionError) {
        let millionths = (value * 1e6).rounded()
        // Nothing that is not a number passes.
        guard millionths >= 1, millionths <= Double(Self.mostMillionths), millionths / 1e6 == value else {
            throw Self.outOfRange
        }
        self.millionths = Int(millionths)
    }

    /// The ε; `init` takes it back as it is.
    public var value: Double { Double(millionths) / 1e6 }

    /// By size.
    public static func < (a: Epsilon, b: Epsilon) -> Bool { a.millionths < b.millionths }

    private static var outOfRange: LabelCorrectionError {
        LabelCorrectionError(.epsilonOutOfRange, "epsilon must be from 0.000001 to 1000, with at most six decimals")
    }
}
