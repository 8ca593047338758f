#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Bionic)
import Bionic
#elseif canImport(Darwin)
import Darwin
#endif

extension PriorRestoration {
    /// The number `c` with which the mean of `sigmoid(logit + c)` is `target`: the maximum-likelihood intercept, all else held,
    /// for labels whose mean is `target`.
    ///
    /// The mean rises with `c`, so there is one such number, between `logit(target)` less the greatest and less the least logit.
    /// Newton's steps on the logarithm of the mean; where one would leave the bracket, or is not half as long as the one before,
    /// the bracket is halved instead. The logarithm's slope is at most 1, hence a short step means a near mean.
    ///
    /// - Parameters:
    ///   - logits: finite, any number; their order changes no more than the last digits.
    ///   - target: inside (0, 1).
    /// - Returns: the number, finite; 0 without logits. Exact to about 1e-12 of the greater of 1 and itself, or to what doubles of
    ///   the logits' magnitude can tell apart. Where a whole range of numbers gives `target` in doubles, one of them.
    ///
    /// A pass over the logits an evaluation, rarely more than ten of them; allocates nothing.
    public static func intercept(of logits: Span<Double>, matching target: Double) -> Double {
        precondition(target > 0 && target < 1)
        guard !logits.isEmpty else { return 0 }
        // Seen from the smaller of the two shares, whose digits a mean near 1 would lose.
        let isMirrored = target > 0.5
        let share = isMirrored ? 1 - target : target
        let sign: Double = isMirrored ? -1 : 1
        var (least, greatest) = (sign * logits[0], sign * logits[0])
        for index in logits.indices {
            least = min(least, sign * logits[index])
            greatest = max(greatest, sign * logits[index])
        }
        var (low, high) = (logit(share) - greatest, logit(share) - least)
        // Halves first, as their sum may be more than a double holds.
        var c = low / 2 + high / 2
        var step = high - low
        while low < high {
            let (mean, slope) = meanAndSlope(of: logits, sign: sign, shiftedBy: c)
            if mean == share { break }
            if mean < share { low = c } else { high = c }
            var next = c - log(mean / share) * mean / slope
            // Also where a slope of 0 made it infinite or no number.
            if !(low <= next && next <= high && abs(next - c) <= step / 2) { next = low / 2 + high / 2 }
            step = abs(next - c)
            c = next
            if step <= 1e-13 * max(1, abs(c)) { break }
        }
        return sign * c
    }

    /// The same over an array.
    public static func intercept(of logits: [Double], matching target: Double) -> Double {
        intercept(of: logits.span, matching: target)
    }

    /// The mean of `sigmoid(sign·logit + c)` and its derivative by `c`.
    private static func meanAndSlope(
        of logits: Span<Double>, sign: Double, shiftedBy c: Double
    ) -> (mean: Double, slope: Double) {
        var (sum, slopes) = (0.0, 0.0)
        for index in logits.indices {
            let x = sign * logits[index] + c
            let small = exp(-abs(x))
            let larger = 1 / (1 + small)
            sum += x < 0 ? small * larger : larger
            slopes += small * larger * larger
        }
        return (sum / Double(logits.count), slopes / Double(logits.count))
    }
}
