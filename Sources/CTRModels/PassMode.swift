/// How a pass treats what is one thing in learning and another in scoring.
public enum PassMode: Sendable, Hashable {
    /// Dropout is off and Dice normalises by its running statistics: for scoring, and for tuning on one user's few
    /// samples, whose own statistics would say more of the user than of the unit.
    case frozen
    /// Dropout is on and Dice normalises by the statistics of the rows at hand. The key decides which outputs are
    /// dropped; see `dropoutKey(seed:step:)`.
    case training(dropoutKey: UInt64)

    /// A training pass of step `step` (0, 1, …) under a seed.
    public static func training(seed: UInt64, step: UInt64) -> PassMode {
        .training(dropoutKey: Dropout.key(seed: seed, step: step))
    }
}
