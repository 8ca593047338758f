import LabelCorrection
import Testing

@Suite("What a device sends")
struct DeviceReportTests {
    /// So little noise that it rounds to none: one draw in 10⁴⁰ is not 0.
    private static func exact(clip: Int) throws -> DevicePrivacy {
        try DevicePrivacy(clip: clip, epsilon: Epsilon(millionths: clip == 1 ? 200_000_000 : 1_000_000_000))
    }

    @Test("counts only the newest samples, as many as the clip lets through", arguments: [1, 2, 3, 4, 5])
    func clip(count: Int) throws {
        let labels: [Float] = [1, 1, 0, 1]
        var generator = SplitMix64(state: 1)
        let privacy = try Self.exact(clip: count)
        let report = DeviceReport(trainLabels: labels, privacy: privacy, using: &generator)
        #expect(report.samples == min(count, 4))
        #expect(report.positives == [1, 1, 2, 3, 3][count - 1])
        #expect(report.privacy == privacy)
    }

    @Test("a device without samples sends noise, too")
    func nothing() throws {
        let privacy = try DevicePrivacy(clip: 10, epsilon: Epsilon(0.5))
        var generator = SplitMix64(state: 2)
        let reports = (0..<50).map { _ in
            DeviceReport(trainLabels: [], privacy: privacy, using: &generator)
        }
        #expect(Set(reports).count > 40)
    }

    @Test("sums over devices have no bias: nothing is cut off at 0 or at the number of samples")
    func bias() throws {
        let privacy = try DevicePrivacy(clip: 5, epsilon: Epsilon(1))
        var generator = SplitMix64(state: 3)
        let devices = 20_000
        var (samples, positives, isNegativeSeen, isMoreSeen) = (0, 0, false, false)
        for _ in 0..<devices {
            let report = DeviceReport(trainLabels: [1, 0, 0], privacy: privacy, using: &generator)
            samples += report.samples
            positives += report.positives
            isNegativeSeen = isNegativeSeen || report.positives < 0
            isMoreSeen = isMoreSeen || report.positives > report.samples
        }
        let deviation = (privacy.noiseVariance * Double(devices)).squareRoot()
        #expect(abs(Double(samples - 3 * devices)) < 5 * deviation)
        #expect(abs(Double(positives - devices)) < 5 * deviation)
        // The bound can tell: with negative counts put at 0 the sum would be off by more.
        #expect(5 * deviation < 0.2 * Double(devices) * privacy.noiseVariance.squareRoot())
        #expect(isNegativeSeen && isMoreSeen)
    }

    @Test("the two counts have noise of their own")
    func independence() throws {
        let privacy = try DevicePrivacy(clip: 5, epsilon: Epsilon(1))
        var generator = SplitMix64(state: 4)
        let reports = (0..<5000).map { _ in DeviceReport(trainLabels: [], privacy: privacy, using: &generator) }
        let product = reports.reduce(0.0) { $0 + Double($1.samples) * Double($1.positives) } / 5000
        #expect(abs(product) < 5 * privacy.noiseVariance / 5000.0.squareRoot())
    }

    @Test("the same seed gives the same report, another one another")
    func seeds() throws {
        let privacy = try DevicePrivacy(clip: 100, epsilon: Epsilon(0.1))
        func report(_ seed: UInt64) -> DeviceReport {
            var generator = SplitMix64(state: seed)
            return DeviceReport(trainLabels: [1, 0], privacy: privacy, using: &generator)
        }
        #expect(report(6) == report(6))
        #expect(report(6) != report(7))
    }

    @Test("a count beyond all that is ever drawn is put at the end of the range")
    func range() throws {
        let report = DeviceReport(samples: .max, positives: .min, privacy: try Self.exact(clip: 2))
        #expect(report.samples == DeviceReport.range.upperBound)
        #expect(report.positives == DeviceReport.range.lowerBound)
    }

    @Test(
        "an epsilon is taken as it is written, never rounded",
        arguments: [0.000001, 0.1, 0.3, 1, 2.718281, 999.999999, 1000])
    func epsilon(value: Double) throws {
        #expect(try Epsilon(value).value == value)
        #expect(try Epsilon(millionths: Epsilon(value).millionths) == Epsilon(value))
    }

    @Test(
        "an epsilon of 0, below it, too great, too fine or no number is refused",
        arguments: [0, -1, 0.0000001, 0.1234567, 1000.000001, 1e300, .nan, .infinity])
    func refusedEpsilon(value: Double) {
        let error = #expect(throws: LabelCorrectionError.self) { try Epsilon(value) }
        #expect(error?.code == .epsilonOutOfRange)
    }

    @Test("a clip of no sample, or of more than there can be, is refused", arguments: [0, -1, 1_000_000_001, .max])
    func refusedClip(clip: Int) {
        let error = #expect(throws: LabelCorrectionError.self) { try DevicePrivacy(clip: clip, epsilon: Epsilon(1)) }
        #expect(error?.code == .clipOutOfRange)
    }
}
