import Samples
import Testing

@testable import Evaluation

@Suite("The table of arms")
struct ArmsTableTests {
    private static func run(_ seed: UInt64, _ gauc: Double, _ corrected: Double) -> RunMetrics {
        RunMetrics(
            seed: seed, scope: RunSummaryTests.scope,
            arms: [
                ArmMetrics(
                    arm: "cloud", auc: 0.67412, gauc: gauc, averageAUC: 0.641, logLoss: 0.61234, pcoc: 1.01, ece: 0.0123
                ),
                ArmMetrics(
                    arm: "corrected", auc: 0.65, gauc: corrected, averageAUC: nil, logLoss: 12.5, pcoc: 0.00004,
                    ece: 1),
            ])
    }

    @Test("shows one run as one table")
    func oneRun() {
        let drift = DriftQuantiles(
            title: "drift (local CTR − global CTR)",
            quantiles: [.init(label: "min", value: -0.48), .init(label: "median", value: 0.01)])
        #expect(
            ArmsTable(Self.run(1, 0.66, 0.66239), drift: [drift]).description == """
                arm           AUC    GAUC  user-mean AUC  log loss    PCOC     ECE  user RCE
                cloud      0.6741  0.6600         0.6410    0.6123  1.0100  0.0123       n/a
                corrected  0.6500  0.6624            n/a   12.5000  0.0000  1.0000       n/a

                users     610 in all, 585 evaluated
                left out  20 with one class only (of GAUC, user-mean AUC and RCE), 5 without test rows
                samples   20168 test, 9812 positive; global CTR of the train parts 0.4800

                corrected − cloud  GAUC       +0.0024
                corrected − cloud  AUC        -0.0241
                corrected − cloud  log loss  +11.8877

                drift (local CTR − global CTR)
                  min -0.4800  median +0.0100

                """)
    }

    @Test("shows seeds as mean ± sd, ranking above calibration")
    func seeds() throws {
        let summary = try RunSummary(over: [
            Self.run(1, 0.66, 0.6624), Self.run(2, 0.665, 0.666), Self.run(3, 0.67, 0.6698),
        ])
        #expect(
            ArmsTable(summary).description == """
                arm                    AUC             GAUC    user-mean AUC
                cloud      0.6741 ± 0.0000  0.6650 ± 0.0050  0.6410 ± 0.0000
                corrected  0.6500 ± 0.0000  0.6661 ± 0.0037              n/a

                arm                log loss             PCOC              ECE  user RCE
                cloud       0.6123 ± 0.0000  1.0100 ± 0.0000  0.0123 ± 0.0000       n/a
                corrected  12.5000 ± 0.0000  0.0000 ± 0.0000  1.0000 ± 0.0000       n/a

                users     610 in all, 585 evaluated
                left out  20 with one class only (of GAUC, user-mean AUC and RCE), 5 without test rows
                samples   20168 test, 9812 positive; global CTR of the train parts 0.4800
                seeds     3: mean ± standard deviation over seeds; it says nothing of other users

                corrected − cloud  GAUC       +0.0011 ± 0.0013
                corrected − cloud  AUC        -0.0241 ± 0.0000
                corrected − cloud  log loss  +11.8877 ± 0.0000

                """)
    }

    @Test("can have bars, which put a line below the arms and change no other")
    func bars() {
        var run = Self.run(1, 0.66, 0.662)
        run.arms.insert(
            ArmMetrics(arm: "finetuned", auc: 0.7, gauc: 0.66137, averageAUC: 0.6, logLoss: 0.5, pcoc: 1, ece: 0), at: 1
        )
        run.arms.append(ArmMetrics(arm: "none", auc: nil, gauc: nil, averageAUC: nil, logLoss: 0.5, pcoc: 1, ece: 0))
        let plain = ArmsTable(run).description
        let text = ArmsTable(run, hasBars: true).description
        #expect(
            text.hasPrefix(
                """
                arm           AUC    GAUC              user-mean AUC  log loss    PCOC     ECE  user RCE
                cloud      0.6741  0.6600  ▏                  0.6410    0.6123  1.0100  0.0123       n/a
                finetuned  0.7000  0.6614  ██████▉            0.6000    0.5000  1.0000  0.0000       n/a
                corrected  0.6500  0.6620  ██████████            n/a   12.5000  0.0000  1.0000       n/a
                none          n/a     n/a                        n/a    0.5000  1.0000  0.0000       n/a

                users     610 in all, 585 evaluated
                left out  20 with one class only (of GAUC, user-mean AUC and RCE), 5 without test rows
                samples   20168 test, 9812 positive; global CTR of the train parts 0.4800
                bars      GAUC from 0.6600 to 0.6620

                """))
        #expect(text.split(separator: "\n").dropFirst(9) == plain.split(separator: "\n").dropFirst(8))
        // Nothing to tell apart.
        let same = Self.run(1, 0.66, 0.66)
        #expect(ArmsTable(same, hasBars: true).description == ArmsTable(same).description)
    }

    @Test("marks where differences and their intervals lie, if there is room")
    func marks() throws {
        var run = Self.run(1, 0.66, 0.662)
        let intervals = [Metric.gauc: 0.0001...0.004, .auc: -0.03...0.002, .logLoss: 11...12]
        for (metric, difference) in [(Metric.gauc, 0.002), (.auc, -0.0241), (.logLoss, 11.8877)] {
            run.comparisons.append(
                ArmComparison(
                    a: "corrected", b: "cloud", metric: metric, difference: difference,
                    evidence: Evidence(users: 585, interval: intervals[metric])))
        }
        let lines = ArmsTable(run, hasBars: true).description.split(separator: "\n").map(String.init)
        #expect(
            lines[7...].joined(separator: "\n") == """
                difference         metric                  95 % interval  p (Holm)       verdict
                corrected − cloud  GAUC       +0.0020    +0.0001 +0.0040                  better       │──●──
                corrected − cloud  AUC        -0.0241    -0.0300 +0.0020            within noise  ─●───┼─
                corrected − cloud  log loss  +11.8877  +11.0000 +12.0000                   worse       │    ●
                intervals: users drawn with replacement; p: Wilcoxon on users' AUC, by Holm's rule
                marks: ● the difference, ─ its interval, │ zero; each metric has its own scale
                """)
        run.arms[1].arm = "corrected_by_a_method_with_a_long_name"
        for index in run.comparisons.indices { run.comparisons[index].a = run.arms[1].arm }
        let long = ArmsTable(run, hasBars: true).description
        #expect(long.contains("bars  ") && !long.contains("●"))
    }

    @Test(
        "marks nothing on a side of 0 where it does not lie, and 0 where it does",
        arguments: [
            (1.9, 0.5...3, "    │─●─ "), (0.01, 0.001...4, "    │●───"), (-0.01, -4...(-0.001), "───●│    "),
            (0, -0.1...0.1, "   ─●─   "), (-0.1, -0.1...0, "   ●┼    "), (9, 5...9, "    │   ●"),
        ] as [(Double, ClosedRange<Double>, String)])
    func sides(_ value: Double, _ interval: ClosedRange<Double>, _ mark: String) {
        #expect(TextBar.mark(value, interval, most: 4, reach: 4) == mark)
    }

    @Test("stays within 100 columns and shows no control character, whatever the names")
    func hostileNames() throws {
        var run = Self.run(1, 0.66, 0.67)
        run.arms[0].arm = String(repeating: "long", count: 50)
        run.arms[1].arm = "\u{1b}[31mred\n"
        let drift = DriftQuantiles(
            title: "drift", quantiles: (0...20).map { .init(label: "\($0 * 5)%", value: Double($0)) })
        var other = run
        other.seed = 2
        let text = ArmsTable(try RunSummary(over: [run, other]), drift: [drift]).description
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(text.contains("\u{fffd}[31mred\u{fffd}"))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(text.hasSuffix("  100% +20.0000\n"))
    }

    @Test(
        "rounds to four decimals, and says when there is no number",
        arguments: [
            (0.66215, "0.6622"), (-0.00004, "0.0000"), (-0.00006, "-0.0001"), (-1.5, "-1.5000"), (0.99996, "1.0000"),
            (1e9, "1000000000.0"), (nil, "n/a"),
        ] as [(Double?, String)])
    func fixedPoint(_ value: Double?, _ text: String) {
        #expect(FixedPoint.text(value) == text)
    }

    @Test("gives a difference its sign")
    func signs() {
        #expect(FixedPoint.signedText(0.0023) == "+0.0023")
        #expect(FixedPoint.signedText(-0.0023) == "-0.0023")
        #expect(FixedPoint.signedText(nil) == "n/a")
    }
}
