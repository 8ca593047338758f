/// How many samples, and how many of them clicked. All that a global CTR needs to know of a user; counts add up.
public struct ClickCounts: Sendable, Hashable {
    /// Number of samples, 0 or more.
    public var samples: Int
    /// Number of positive samples, 0...samples.
    public var positives: Int

    /// Counts; `positives` is at most `samples`.
    @inlinable
    public init(samples: Int = 0, positives: Int = 0) {
        precondition(positives >= 0 && positives <= samples)
        self.samples = samples
        self.positives = positives
    }

    /// The counts of raw labels; a label above one half is positive.
    @inlinable
    public init(labels: some Sequence<Float>) {
        self.init()
        for label in labels { add(label) }
    }

    /// Counts one raw label; above one half is positive.
    @inlinable
    public mutating func add(_ label: Float) {
        samples += 1
        if label > 0.5 { positives += 1 }
    }

    /// Share of positives: a user's local CTR, or the global CTR of all users' counts together. Nil without samples.
    public var ctr: Double? { samples > 0 ? Double(positives) / Double(samples) : nil }

    /// Whether all labels are alike, so that they carry no ranking. True without samples.
    public var isSingleClass: Bool { positives == 0 || positives == samples }

    /// Both together.
    public static func + (a: ClickCounts, b: ClickCounts) -> ClickCounts {
        ClickCounts(samples: a.samples + b.samples, positives: a.positives + b.positives)
    }

    /// Adds the other's counts to this one's.
    public static func += (a: inout ClickCounts, b: ClickCounts) { a = a + b }
}
