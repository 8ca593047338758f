public import Samples

/// What `evaluate` looks at.
public struct EvaluationSettings: Sendable, Hashable {
    /// The part whose rows are evaluated; predictions hold validation and test rows.
    public var part: Part

    /// Settings; by default the test part.
    public init(part: Part = .test) {
        self.part = part
    }
}
