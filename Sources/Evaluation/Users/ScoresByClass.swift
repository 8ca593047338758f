/// Finite scores of positive and of negative rows, kept apart so that a score needs 8 bytes and its label none.
struct ScoresByClass: Sendable {
    private(set) var positives: [Double] = []
    private(set) var negatives: [Double] = []

    /// Number of rows.
    var count: Int { positives.count + negatives.count }

    /// Adds one row's score.
    mutating func append(_ score: Double, isPositive: Bool) {
        if isPositive { positives.append(score) } else { negatives.append(score) }
    }

    /// Removes all rows and keeps the memory.
    mutating func removeAll() {
        positives.removeAll(keepingCapacity: true)
        negatives.removeAll(keepingCapacity: true)
    }

    /// Puts each class in rising order. `ties` and `areaUnderCurve` need this first. Cost: O(n log n).
    mutating func sort() {
        positives.sort()
        negatives.sort()
    }

    /// The distinct scores of both classes in rising order, each with its rows. Needs sorted classes.
    var ties: Ties { Ties(positives: positives, negatives: negatives) }

    /// The area under the ROC curve; nil unless both classes have rows. Needs sorted classes. Cost: O(n).
    ///
    /// It is the Mann-Whitney statistic: the share of pairs (positive, negative) that are in order, ties counting one half.
    /// Counted twice over in integers of 128 bits, which no number of rows can overflow.
    var areaUnderCurve: Double? {
        guard !positives.isEmpty, !negatives.isEmpty else { return nil }
        var doubledPairs: UInt128 = 0
        var negativesBelow = 0
        for tie in ties {
            doubledPairs += UInt128(tie.positives) * UInt128(2 * negativesBelow + tie.negatives)
            negativesBelow += tie.negatives
        }
        let allPairs = UInt128(positives.count) * UInt128(negatives.count)
        return Double(doubledPairs) / (2 * Double(allPairs))
    }

    /// All rows that share one score.
    struct Tie: Equatable {
        var score: Double
        var positives: Int
        var negatives: Int

        /// Number of rows, 1 or more.
        var count: Int { positives + negatives }
    }

    /// A merge of two sorted classes that stops at each distinct score. Zero and negative zero are one score.
    struct Ties: Sequence, IteratorProtocol {
        let positives: [Double]
        let negatives: [Double]
        private var nextPositive = 0
        private var nextNegative = 0

        init(positives: [Double], negatives: [Double]) {
            self.positives = positives
            self.negatives = negatives
        }

        mutating func next() -> Tie? {
            let positive = nextPositive < positives.count ? positives[nextPositive] : .infinity
            let negative = nextNegative < negatives.count ? negatives[nextNegative] : .infinity
            let score = Swift.min(positive, negative)
            guard score < .infinity else { return nil }
            let firstPositive = nextPositive
            let firstNegative = nextNegative
            while nextPositive < positives.count, positives[nextPositive] == score { nextPositive += 1 }
            while nextNegative < negatives.count, negatives[nextNegative] == score { nextNegative += 1 }
            return Tie(
                score: score, positives: nextPositive - firstPositive, negatives: nextNegative - firstNegative)
        }
    }
}
