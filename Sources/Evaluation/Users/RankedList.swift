#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One list that was ranked: a user's rows, or those of one impression list, and how good its first k places are.
///
/// Rows of equal scores have no order: both measures are means over all orders that the scores allow.
struct RankedList: Sendable {
    /// NDCG@k (Järvelin and Kekäläinen 2002): Σ over the first k places i of yᵢ / log₂(i + 1), over the most that it could be.
    /// scikit-learn's `ndcg_score` is the same.
    let ndcg: Double
    /// Whether a positive row stands in the first k places; with ties, how likely that is.
    let hit: Double

    /// A list of more than `top` rows with both classes; nil for any other, in which the first places are no choice.
    ///
    /// - Parameter rows: the rows, best first: scores do not rise.
    init?(_ rows: some RandomAccessCollection<(score: Double, isPositive: Bool)>, top: Int) {
        let positives = rows.count { $0.isPositive }
        guard rows.count > top, positives > 0, positives < rows.count else { return nil }
        var gain = 0.0
        var miss = 1.0
        var place = 0
        var index = rows.startIndex
        while place < top {
            let score = rows[index].score
            var (tied, positive) = (0, 0)
            while index < rows.endIndex && rows[index].score == score {
                tied += 1
                positive += rows[index].isPositive ? 1 : 0
                rows.formIndex(after: &index)
            }
            let taken = min(tied, top - place)
            gain += Double(positive) / Double(tied) * Self.discounts(place..<place + taken)
            // None of the positives among `taken` of the `tied` rows.
            for draw in 0..<taken { miss *= max(0, Double(tied - positive - draw)) / Double(tied - draw) }
            place += taken
        }
        ndcg = gain / Self.discounts(0..<min(top, positives))
        hit = 1 - miss
    }

    /// Σ 1 / log₂(i + 1) over places i, of which the first is 1.
    private static func discounts(_ places: Range<Int>) -> Double {
        places.reduce(0) { $0 + 1 / log2(Double($1) + 2) }
    }
}
