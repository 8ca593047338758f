import LabelCorrection

/// A user's train labels and a global CTR, drawn from a seed; corners come often: no sample, one, one class only, a global CTR
/// next to 0 and 1 and just the local one.
struct RandomUser: CustomStringConvertible {
    let labels: [Float]
    let globalCTR: GlobalCTR

    var train: ClickCounts { ClickCounts(labels: labels) }
    var p: Double { globalCTR.value }
    /// The local CTR.
    var q: Double { train.ctr ?? p }
    var description: String { "\(train.positives) of \(train.samples), p \(p)" }

    init(using generator: inout SplitMix64) throws {
        let samples = [0, 1, 2, 3, 10, 97, 100, 2000].randomElement(using: &generator) ?? 0
        let positives =
            [0, samples, min(1, samples), Int.random(in: 0...samples, using: &generator)]
            .randomElement(using: &generator) ?? 0
        labels = (0..<samples).map { Float($0 < positives ? 1 : 0) }.shuffled(using: &generator)
        let local = Double(positives) / Double(max(samples, 1))
        let shares =
            [1e-12, 1e-6, 0.01, 0.3, 0.5, 0.99, 1 - 1e-6, 1 - 1e-12, local]
            + [Double.random(in: 0.001..<0.999, using: &generator)]
        let share = shares.randomElement(using: &generator) ?? 0.5
        globalCTR = try GlobalCTR(share > 0 && share < 1 ? share : 0.5)
    }

    /// The same users in every run.
    static func all(_ count: Int = 2000, seed: UInt64 = 7) throws -> [RandomUser] {
        var generator = SplitMix64(state: seed)
        return try (0..<count).map { _ in try RandomUser(using: &generator) }
    }

    /// The labels, corrected.
    func corrected(_ correction: Correction) -> [Float] {
        var corrected = labels
        correction.correct(&corrected, to: globalCTR)
        return corrected
    }
}

extension [Float] {
    /// The mean, summed in double.
    var mean: Double { reduce(0.0) { $0 + Double($1) } / Double(count) }
}
