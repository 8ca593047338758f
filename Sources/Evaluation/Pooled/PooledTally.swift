/// What one pass over all rows of an arm in rising order of their scores adds up: the pooled AUC with each user's influence on it,
/// and calibration.
struct PooledTally {
    private let positives: Int
    private let negatives: Int
    private var calibration: CalibrationTally
    /// Twice the pairs (positive, negative) that are in order, a tie counting one half.
    private var doubledPairs: UInt128 = 0
    private var negativesBelow = 0
    private var positivesBelow = 0
    /// For each user the pairs of the user's rows that are in order, over all pairs: its positives with all negatives, and its
    /// negatives with all positives.
    private var ordered: [CompensatedSum]
    private var userPositives: [Int]
    private var userNegatives: [Int]
    // The rows of the current score, by user; only those of `tied` are not 0.
    private var tiePositives: [Int]
    private var tieNegatives: [Int]
    private var tied: [Int] = []
    private var tie = ScoresByClass.Tie(score: 0, positives: 0, negatives: 0)

    /// A tally of so many rows, all of which must be added before a result is read.
    init(positives: Int, negatives: Int, users: Int) {
        self.positives = positives
        self.negatives = negatives
        calibration = CalibrationTally(rowCount: positives + negatives)
        ordered = Array(repeating: CompensatedSum(), count: users)
        userPositives = Array(repeating: 0, count: users)
        userNegatives = Array(repeating: 0, count: users)
        tiePositives = Array(repeating: 0, count: users)
        tieNegatives = Array(repeating: 0, count: users)
    }

    /// Adds the next row.
    mutating func add(_ row: PooledScores.Row) {
        if row.score != tie.score { endTie() }
        tie.score = row.score
        let user = row.user
        if tiePositives[user] == 0 && tieNegatives[user] == 0 { tied.append(user) }
        if row.isPositive {
            tie.positives += 1
            tiePositives[user] += 1
        } else {
            tie.negatives += 1
            tieNegatives[user] += 1
        }
    }

    /// Adds what is left; once, after the last row.
    mutating func finish() { endTie() }

    private mutating func endTie() {
        guard tie.count > 0 else { return }
        doubledPairs += UInt128(tie.positives) * UInt128(2 * negativesBelow + tie.negatives)
        let below = Double(negativesBelow) + Double(tie.negatives) / 2
        let above = Double(positives - positivesBelow) - Double(tie.positives) / 2
        let pairs = Double(positives) * Double(negatives)
        for user in tied {
            if pairs > 0 {
                ordered[user].add(Double(tiePositives[user]) * below / pairs)
                ordered[user].add(Double(tieNegatives[user]) * above / pairs)
            }
            userPositives[user] += Int(tiePositives[user])
            userNegatives[user] += Int(tieNegatives[user])
            tiePositives[user] = 0
            tieNegatives[user] = 0
        }
        tied.removeAll(keepingCapacity: true)
        calibration.add(tie)
        negativesBelow += tie.negatives
        positivesBelow += tie.positives
        tie.positives = 0
        tie.negatives = 0
    }

    /// The pooled AUC; nil unless both classes have rows.
    var auc: Double? {
        guard positives > 0, negatives > 0 else { return nil }
        return Double(doubledPairs) / (2 * Double(UInt128(positives) * UInt128(negatives)))
    }

    /// How much each user moves the pooled AUC, to first order: what is summed, as often as each user is drawn, on top of the AUC
    /// in a resample of users. The sum over all users is 0. From the structural components of Obuchowski 1997. Nil without an AUC.
    var influences: [Double]? {
        auc.map { auc in
            ordered.indices.map { user in
                let share =
                    Double(userPositives[user]) / Double(positives) + Double(userNegatives[user]) / Double(negatives)
                return ordered[user].value - auc * share
            }
        }
    }

    var logLoss: Double { calibration.logLoss }
    var pcoc: Double? { calibration.pcoc }
    var ece: Double { calibration.ece }
    var bins: [CalibrationBin] { calibration.bins }
}
