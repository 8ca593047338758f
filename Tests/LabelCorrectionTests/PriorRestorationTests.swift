import Foundation
import LabelCorrection
import Testing

@Suite("Prior restoration and counts")
struct PriorRestorationTests {
    /// A case of Fixtures/intercepts.json, which scripts/correction/make_intercepts.py writes.
    private struct Oracle: Decodable {
        var logits: [Double]
        var target: Double
        var intercept: Double

        static func load() throws -> [Oracle] {
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
            let bytes = try Data(contentsOf: folder.appending(path: "Fixtures/intercepts.json"))
            return try JSONDecoder().decode([Oracle].self, from: bytes)
        }
    }

    /// The mean of sigmoid(logit + c), and of what is missing to 1.
    private static func mean(_ logits: [Double], _ c: Double) -> (Double, Double) {
        let n = Double(logits.count)
        return (
            logits.reduce(0) { $0 + 1 / (1 + exp(-$1 - c)) } / n, logits.reduce(0) { $0 + 1 / (1 + exp($1 + c)) } / n
        )
    }

    // MARK: Offset

    @Test("a user without samples gets no offset")
    func noSamples() throws {
        let p = try GlobalCTR(0.3)
        #expect(PriorRestoration().offset(ClickCounts(), globalCTR: p, meanLabel: 0.3) == 0)
    }

    @Test("the offset moves the logit by the shrunk local CTR")
    func offset() throws {
        // q̂ = (9 + 10·0.5) / (10 + 10) = 0.7; logit 0.7 - logit 0.5 = ln(7/3).
        let p = try GlobalCTR(0.5)
        let offset = PriorRestoration(strength: 10).offset(
            ClickCounts(samples: 10, positives: 9), globalCTR: p, meanLabel: 0.5)
        #expect(abs(offset - 0.847_297_860_387_203_6) < 1e-12)
    }

    @Test("single-class users get a finite offset, by either rule", arguments: PriorRestoration.Rule.allCases)
    func singleClass(rule: PriorRestoration.Rule) throws {
        let p = try GlobalCTR(0.1)
        let logits: [Double] = [-700, -3, 0, 700]
        for positives in [0, 4] {
            let counts = ClickCounts(samples: 4, positives: positives)
            #expect(counts.isSingleClass)
            let shift = PriorRestoration(rule: rule).shift(
                counts, globalCTR: p, meanLabel: 0.1, trainLogits: logits.span)
            #expect(shift.isFinite)
        }
    }

    @Test("for every method and user both rules are finite", arguments: CorrectionMethod.allCases)
    func everyMethod(method: CorrectionMethod) throws {
        var generator = SplitMix64(state: 3)
        for user in try RandomUser.all(400) {
            let logits = user.labels.map { _ in Double.random(in: -9...9, using: &generator) }
            for smoothing in [0, 0.1] {
                let trained = Correction(method, smoothing: smoothing).trainedCTR(user.train, globalCTR: user.globalCTR)
                for rule in PriorRestoration.Rule.allCases {
                    let shift = PriorRestoration(rule: rule).shift(
                        user.train, globalCTR: user.globalCTR, meanLabel: trained, trainLogits: logits.span)
                    #expect(shift.isFinite, "\(user)")
                }
            }
        }
    }

    // MARK: Match

    @Test("the intercept is the one that scipy's brentq finds")
    func brentq() throws {
        let cases = try Oracle.load()
        #expect(cases.count > 80)
        for oracle in cases {
            let c = PriorRestoration.intercept(of: oracle.logits, matching: oracle.target)
            #expect(
                abs(c - oracle.intercept) <= 1e-9 * max(1, abs(oracle.intercept)), "\(oracle.target), \(oracle.logits)")
        }
    }

    @Test("the mean with the intercept is the target, also of random logits far apart", arguments: [0.1, 5, 100, 700])
    func meets(spread: Double) throws {
        var generator = SplitMix64(state: 9)
        for _ in 0..<500 {
            let count = Int.random(in: 1...60, using: &generator)
            let logits = (0..<count).map { _ in Double.random(in: -spread...spread, using: &generator) }
            let target =
                [1e-6, 0.02, 0.5, 0.9, 1 - 1e-6, Double.random(in: 0.001..<0.999, using: &generator)]
                .randomElement(using: &generator) ?? 0.5
            let (mean, rest) = Self.mean(logits, PriorRestoration.intercept(of: logits, matching: target))
            #expect(abs(mean - target) <= 1e-10 * target || abs(rest - (1 - target)) <= 1e-10 * (1 - target))
            #expect(abs(mean - target) <= 1e-10)
        }
    }

    @Test("one sample, or all with the same logit, are moved right to the target", arguments: [-700, -3.5, 0, 20, 700])
    func alike(value: Double) {
        for target in [1e-6, 0.25, 0.5, 0.9] {
            let wanted = log(target / (1 - target)) - value
            for count in [1, 2, 50] {
                let c = PriorRestoration.intercept(of: [Double](repeating: value, count: count), matching: target)
                #expect(abs(c - wanted) <= 1e-10 * max(1, abs(wanted)))
            }
        }
    }

    @Test("it is finite for all finite logits and targets, and 0 without logits")
    func finite() {
        let ends: [Double] = [
            -.greatestFiniteMagnitude, -1e300, -700, -1, 0, .leastNonzeroMagnitude, 1, 700, 1e17,
            .greatestFiniteMagnitude,
        ]
        for target in [.leastNonzeroMagnitude, 1e-300, 0.3, 0.5, 1 - 1e-16] {
            for a in ends {
                #expect(PriorRestoration.intercept(of: [a], matching: target).isFinite)
                for b in ends {
                    for c in ends {
                        #expect(PriorRestoration.intercept(of: [a, b, c], matching: target).isFinite)
                    }
                }
            }
            #expect(PriorRestoration.intercept(of: [Double](), matching: target) == 0)
        }
    }

    @Test("mirrored logits and target have the mirrored intercept")
    func mirror() {
        let logits = [-3, 0.2, 1.7, 40]
        let c = PriorRestoration.intercept(of: logits, matching: 0.25)
        #expect(PriorRestoration.intercept(of: logits.map { -$0 }, matching: 0.75) == -c)
    }

    @Test("match aims at the shrunk local CTR; without train samples it is offset")
    func match() throws {
        let p = try GlobalCTR(0.2)
        let restoration = PriorRestoration(strength: 10, rule: .match)
        let train = ClickCounts(samples: 5, positives: 4)
        let logits = [-2, 0, 0.5, 1, 3]
        let shift = restoration.shift(train, globalCTR: p, meanLabel: 0.2, trainLogits: logits.span)
        // q̂ = (4 + 2) / 15.
        #expect(abs(Self.mean(logits, shift).0 - 0.4) < 1e-12)
        let none = restoration.shift(ClickCounts(), globalCTR: p, meanLabel: 0.3, trainLogits: [Double]().span)
        #expect(none == PriorRestoration().offset(ClickCounts(), globalCTR: p, meanLabel: 0.3))
    }

    @Test("the two rules agree where the model predicts the mean that it was trained on for every sample")
    func agreement() throws {
        for user in try RandomUser.all(400) where (1e-6...1 - 1e-6).contains(user.p) {
            let logits = user.labels.map { _ in log(user.p / (1 - user.p)) }
            let shifts = PriorRestoration.Rule.allCases.map {
                PriorRestoration(rule: $0).shift(
                    user.train, globalCTR: user.globalCTR, meanLabel: user.p, trainLogits: logits.span)
            }
            #expect(abs(shifts[0] - shifts[1]) < 1e-8, "\(user)")
        }
    }

    @Test(
        "both rules are finite for any strength, and the shrunk local CTR inside (0, 1)",
        arguments: [1e-300, 1e-17, 1e-13, 1e-3, 1, 1e6, 1e300])
    func strengths(_ strength: Double) throws {
        var generator = SplitMix64(state: 4)
        for user in try RandomUser.all(400) {
            let logits = user.labels.map { _ in Double.random(in: -700...700, using: &generator) }
            for counts in [user.train, ClickCounts(samples: 10_000, positives: 10_000), ClickCounts(samples: 1)] {
                let local = PriorRestoration(strength: strength).localCTR(counts, globalCTR: user.globalCTR)
                #expect(local > 0 && local < 1, "\(user)")
                for rule in PriorRestoration.Rule.allCases {
                    let shift = PriorRestoration(strength: strength, rule: rule).shift(
                        counts, globalCTR: user.globalCTR, meanLabel: user.p, trainLogits: logits.span)
                    #expect(shift.isFinite, "\(user)")
                }
            }
        }
    }

    // MARK: Counts

    @Test("counts add up, and drift is local minus global")
    func countsAndDrift() throws {
        let a = ClickCounts(labels: [1, 0, 1])
        let b = ClickCounts(labels: [0])
        #expect((a + b) == ClickCounts(samples: 4, positives: 2))
        #expect((a + b).ctr == 0.5)
        #expect(ClickCounts().ctr == nil)
        let p = try GlobalCTR(0.25)
        #expect(p.drift(of: 0.75) == 0.5)
    }
}
