/// How far the users of one data set drift: their local CTRs against the global CTR, and against what chance alone would make of
/// users who are all alike. A function of the users' train counts.
public struct StudyDrift: Sendable, Hashable {
    /// Users with the same train counts.
    public struct Row: Sendable, Hashable {
        /// Train samples, 1 or more.
        public var samples: Int
        /// Positive ones.
        public var positives: Int
        /// How many users.
        public var users: Int

        /// Users with the same train counts.
        public init(samples: Int, positives: Int, users: Int) {
            self.samples = samples
            self.positives = positives
            self.users = users
        }
    }

    /// The global CTR, p.
    public let globalCTR: Double
    /// Users with train samples.
    public let users: Int
    /// Those of them whose train labels are all alike.
    public let singleClass: Int
    /// Train samples of all of them.
    public let samples: Int
    /// Train samples of the median user.
    public let medianSamples: Int
    /// The standard deviation over users, weighed by their samples, of the true local CTR, what chance adds being taken away: with n samples and a local CTR q
    /// of variance σ² around p, the expected n(q − p)² is nσ² + p(1 − p) − σ², which gives σ² by moments. 0 where users lie no
    /// further apart than chance puts them.
    public let trueSD: Double
    /// The mean over users of (k − np)² / (np(1 − p)) for k positives in n samples (Pearson): about 1 by chance alone.
    public let dispersion: Double
    /// The standard deviation of the dispersion where users are all alike: that of a mean of squared standardised binomials.
    public let chanceSD: Double
    /// The counts that it is a function of.
    let rows: [Row]

    /// The drift of users with these counts; the global CTR lies inside (0, 1).
    public init(globalCTR p: Double, _ rows: [Row]) {
        globalCTR = p
        self.rows = rows
        users = rows.reduce(0) { $0 + $1.users }
        samples = rows.reduce(0) { $0 + $1.samples * $1.users }
        singleClass = rows.reduce(0) { $0 + ($1.positives == 0 || $1.positives == $1.samples ? $1.users : 0) }
        medianSamples =
            Self.value(at: 0.5, in: rows.map { (Double($0.samples), $0.users) }.sorted { $0.0 < $1.0 }).map { Int($0) }
            ?? 0
        let variance = p * (1 - p)
        var squares = CompensatedSum()
        var chance = CompensatedSum()
        var spare = 0.0
        for row in rows {
            let n = Double(row.samples)
            let excess = Double(row.positives) - n * p
            squares.add(excess * excess / n * Double(row.users))
            spare += (n - 1) * Double(row.users)
            chance.add((2 + (1 - 6 * variance) / (n * variance)) * Double(row.users))
        }
        let found = spare > 0 ? (squares.value - Double(users) * variance) / spare : 0
        trueSD = max(0, found).squareRoot()
        dispersion = users > 0 ? squares.value / variance / Double(users) : 0
        chanceSD = users > 0 ? max(0, chance.value).squareRoot() / Double(users) : 0
    }

    /// Whether users lie further apart than chance puts users who are alike, by more than five standard deviations.
    public var isBeyondChance: Bool { users > 0 && dispersion > 1 + 5 * chanceSD }

    /// Users by their drift q − p, rising, with their number.
    var drifts: [(drift: Double, users: Int)] {
        rows.map { (Double($0.positives) / Double($0.samples) - globalCTR, $0.users) }.sorted { $0.0 < $1.0 }
    }

    /// The drift that this share of the users does not exceed; nil without users.
    public func quantile(_ share: Double) -> Double? { Self.value(at: share, in: drifts.map { ($0.drift, $0.users) }) }

    private static func value(at share: Double, in rising: [(Double, Int)]) -> Double? {
        let users = rising.reduce(0) { $0 + $1.1 }
        var left = Int((share * Double(users)).rounded(.up))
        for (value, count) in rising {
            left -= count
            if left <= 0 { return value }
        }
        return rising.last?.0
    }
}
