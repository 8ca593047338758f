#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Log loss, PCOC and ECE, added up over the distinct logits of all rows in rising order. `RunMetrics` defines them.
struct CalibrationTally {
    /// Number of bins of equal frequency.
    static let binCount = 10

    private let rowCount: Int
    private var positiveCount = 0
    private var loss = CompensatedSum()
    private var predicted = CompensatedSum()
    /// Rows taken so far; the rank of the next one.
    private var rank = 0
    private var bin = 0
    /// Predictions less labels in the current bin.
    private var binGap = CompensatedSum()
    /// Rows of the current bin, and their predictions and labels.
    private var binRows = 0
    private var binPredicted = CompensatedSum()
    private var binLabels = CompensatedSum()
    /// The bins before, those without rows left out.
    private var closed: [CalibrationBin] = []
    /// Absolute gaps of the bins before.
    private var gaps = CompensatedSum()

    /// A tally of `rowCount` rows, one or more, all of which must be added before a result is read.
    init(rowCount: Int) {
        self.rowCount = rowCount
    }

    /// Mean cross-entropy.
    var logLoss: Double { loss.value }

    /// Sum of predictions over sum of labels; nil without a positive.
    var pcoc: Double? { positiveCount == 0 ? nil : predicted.value / Double(positiveCount) }

    /// The bins that hold rows, by rising prediction.
    var bins: [CalibrationBin] { closed + (currentBin.map { [$0] } ?? []) }

    private var currentBin: CalibrationBin? {
        guard binRows > 0 else { return nil }
        return CalibrationBin(
            samples: binRows, meanPrediction: binPredicted.value / Double(binRows),
            meanLabel: binLabels.value / Double(binRows))
    }

    /// Expected calibration error.
    var ece: Double { (gaps.value + abs(binGap.value)) / Double(rowCount) }

    /// Adds the rows of the next larger logit.
    mutating func add(_ tie: ScoresByClass.Tie) {
        // Shares of rows and not rows, so that no sum of finite losses is infinite.
        loss.add(Double(tie.positives) / Double(rowCount) * softplus(-tie.score))
        loss.add(Double(tie.negatives) / Double(rowCount) * softplus(tie.score))
        positiveCount += tie.positives
        let prediction = sigmoid(tie.score)
        predicted.add(prediction * Double(tie.count))

        let meanLabel = Double(tie.positives) / Double(tie.count)
        let end = rank + tie.count
        while rank < end {
            while rank == binEnd { closeBin() }
            let taken = min(end, binEnd) - rank
            binGap.add(Double(taken) * prediction)
            binGap.add(-Double(taken) * meanLabel)
            binRows += taken
            binPredicted.add(Double(taken) * prediction)
            binLabels.add(Double(taken) * meanLabel)
            rank += taken
        }
    }

    /// The first rank after the current bin: ⌊(b + 1)·n/10⌋, without overflow.
    private var binEnd: Int {
        let (quotient, remainder) = rowCount.quotientAndRemainder(dividingBy: Self.binCount)
        return (bin + 1) * quotient + (bin + 1) * remainder / Self.binCount
    }

    private mutating func closeBin() {
        gaps.add(abs(binGap.value))
        binGap = CompensatedSum()
        if let bin = currentBin { closed.append(bin) }
        binRows = 0
        binPredicted = CompensatedSum()
        binLabels = CompensatedSum()
        bin += 1
    }
}

/// 1 / (1 + e⁻ᶻ), without overflow and with full relative precision at both ends.
func sigmoid(_ logit: Double) -> Double {
    let small = exp(-abs(logit))
    return (logit >= 0 ? 1 : small) / (1 + small)
}

/// log(1 + eᶻ), without overflow.
func softplus(_ logit: Double) -> Double {
    max(logit, 0) + log1p(exp(-abs(logit)))
}
