import LabelCorrection
import Testing

@Suite("Label correction")
struct CorrectionMethodTests {
    /// Users over the corners: one sample, single class both ways, many samples; global CTRs from near 0 to near 1.
    static let cases: [(positives: Int, samples: Int, p: Double)] = {
        var generator = SplitMix64(state: 7)
        var cases: [(Int, Int, Double)] = []
        for p in [1e-6, 0.01, 0.3, 0.5, 0.4817, 0.99, 1 - 1e-6] {
            for samples in [1, 2, 3, 10, 97, 5000] {
                for positives in Set([
                    0, 1, samples / 2, samples - 1, samples, Int.random(in: 0...samples, using: &generator),
                ]) {
                    cases.append((positives, samples, p))
                }
            }
        }
        return cases
    }()

    @Test("rescaled labels average to the global CTR and stay in [0, 1], whatever the local CTR", arguments: cases)
    func meanIsGlobalCTR(positives: Int, samples: Int, p: Double) throws {
        var labels = (0..<samples).map { Float($0 % samples < positives ? 1 : 0) }
        try CorrectionMethod.rescale.correct(&labels, to: GlobalCTR(p))
        let mean = labels.reduce(0.0) { $0 + Double($1) } / Double(samples)
        #expect(abs(mean - p) <= 1e-6)
        #expect(abs(mean - p) <= 1e-7 * max(p, 1 - p))
        #expect(labels.count == samples)
        #expect(labels.allSatisfy { (0...1).contains($0) })
    }

    @Test("a clicked sample never falls below one not clicked", arguments: cases)
    func orderIsKept(positives: Int, samples: Int, p: Double) throws {
        let raw = (0..<samples).map { Float($0 * 7919 % samples < positives ? 1 : 0) }
        var labels = raw
        try CorrectionMethod.rescale.correct(&labels, to: GlobalCTR(p))
        let clicked = zip(raw, labels).filter { $0.0 == 1 }.map(\.1).min() ?? 1
        let notClicked = zip(raw, labels).filter { $0.0 == 0 }.map(\.1).max() ?? 0
        #expect(clicked >= notClicked)
        // All labels of one class get one value.
        #expect(Set(zip(raw, labels).map { [$0.0, $0.1] }).count <= 2)
    }

    @Test("a single-class user's labels all become the global CTR", arguments: [Float(0), 1])
    func singleClass(label: Float) throws {
        var labels = [Float](repeating: label, count: 5)
        try CorrectionMethod.rescale.correct(&labels, to: GlobalCTR(0.25))
        #expect(labels == [0.25, 0.25, 0.25, 0.25, 0.25])
    }

    @Test("a local CTR above the global one lowers the clicked, one below it lifts the others")
    func direction() throws {
        var above: [Float] = [1, 1, 1, 0]
        try CorrectionMethod.rescale.correct(&above, to: GlobalCTR(0.375))
        #expect(above == [0.5, 0.5, 0.5, 0])
        var below: [Float] = [1, 0, 0, 0]
        try CorrectionMethod.rescale.correct(&below, to: GlobalCTR(0.625))
        #expect(below == [1, 0.5, 0.5, 0.5])
        var equal: [Float] = [1, 0]
        try CorrectionMethod.rescale.correct(&equal, to: GlobalCTR(0.5))
        #expect(equal == [1, 0])
    }

    @Test("nothing becomes nothing")
    func empty() throws {
        var labels: [Float] = []
        try CorrectionMethod.rescale.correct(&labels, to: GlobalCTR(0.5))
        #expect(labels.isEmpty)
    }

    @Test("a global CTR of 0, 1, beyond or not a number is refused", arguments: [0, 1, -0.1, 1.1, .nan, .infinity])
    func refused(p: Double) {
        #expect(throws: LabelCorrectionError.self) { try GlobalCTR(p) }
    }
}

/// A small seeded generator (SplitMix64), so that every run tests the same users.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
