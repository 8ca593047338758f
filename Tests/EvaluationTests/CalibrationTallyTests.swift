import Testing

@testable import Evaluation

@Suite("Log loss and calibration")
struct CalibrationTallyTests {
    private func tally(_ logits: [Double], positives: Set<Int>) -> CalibrationTally {
        var scores = ScoresByClass()
        for (row, logit) in logits.enumerated() { scores.append(logit, isPositive: positives.contains(row)) }
        scores.sort()
        var tally = CalibrationTally(rowCount: logits.count)
        for tie in scores.ties { tally.add(tie) }
        return tally
    }

    @Test("a wrong logit costs its size, however large, where scikit-learn stops at 36.04")
    func saturation() {
        #expect(tally([40], positives: []).logLoss == 40)
        #expect(tally([-40], positives: [0]).logLoss == 40)
        #expect(tally([-1000], positives: [0]).logLoss == 1000)
        #expect(tally([1000], positives: [0]).logLoss == 0)
        // e⁻⁴⁰, which 1 − p has no digits for.
        #expect(abs(tally([-40], positives: []).logLoss / 4.248354255291589e-18 - 1) < 1e-12)
    }

    @Test("the largest logits leave every number finite")
    func overflow() {
        let largest = Double.greatestFiniteMagnitude
        let result = tally([largest, largest, largest, -largest], positives: [3])
        #expect(result.logLoss.isFinite && result.logLoss > 1.7e308)
        #expect(result.pcoc == 3)
        #expect(result.ece == 1)
    }

    @Test("every row stands in one bin of a tenth of the rows", arguments: [1, 9, 10, 11, 19, 95, 100])
    func binSizes(_ count: Int) {
        // Rows predicted 0 and 1 in turns of bins: only if no bin mixes them do the gaps add up to all rows.
        let bin = (0..<count).map { row in (0..<10).last { $0 * count / 10 <= row } ?? 0 }
        let logits = (0..<count).map { Double($0) * 1e-9 }
        let positives = Set((0..<count).filter { bin[$0].isMultiple(of: 2) })
        #expect(abs(tally(logits, positives: positives).ece - 0.5) < 1e-6)
    }

    @Test("gaps of opposite sign cancel within a bin, not between bins")
    func cancellation() {
        let sameBin = (0..<20).map { Double($0 / 2) * 1e-9 }
        #expect(tally(sameBin, positives: Set(stride(from: 0, to: 20, by: 2))).ece < 1e-6)
        let apart = Set((0..<20).filter { ($0 / 2).isMultiple(of: 2) })
        #expect(abs(tally(sameBin, positives: apart).ece - 0.5) < 1e-6)
    }

    @Test("tied rows across a cut share their positives, wherever these stood in the input", arguments: 0..<3)
    func tiesAcrossBins(_ negative: Int) {
        // 20 rows predicted one half, two a bin. The lowest three are tied, two of them positive: the first bin's labels sum to
        // 4/3, the second's to 2/3 and the 0 of row 3; every later bin has one positive.
        let logits = (0..<20).map { max(0, Double($0) - 2) * 1e-12 }
        let positives = Set(0..<3).subtracting([negative]).union(stride(from: 4, to: 20, by: 2))
        #expect(abs(tally(logits, positives: positives).ece - 2.0 / 3 / 20) < 1e-9)
    }

    @Test("PCOC is predicted over observed clicks, and undefined without a click")
    func pcoc() {
        #expect(tally([0, 0, 0, 0], positives: [2]).pcoc == 2)
        #expect(tally([0, 0], positives: []).pcoc == nil)
    }

    @Test("sigmoid keeps its digits at both ends")
    func sigmoidEnds() {
        #expect(sigmoid(0) == 0.5)
        #expect(sigmoid(-.greatestFiniteMagnitude) == 0)
        #expect(sigmoid(.greatestFiniteMagnitude) == 1)
        #expect(abs(sigmoid(-700) / 9.859676543759770e-305 - 1) < 1e-12)
    }
}
