import Samples
import Testing

@testable import LogIngest

struct DenseTransformTests {
    private static func logarithm(_ text: String) -> Float? {
        IngestSettings.FeatureSetting.DenseTransform.log1p.number(Array(text.utf8).span)
    }

    /// Expected values by Python's `math.log1p`, rounded to 32 bits.
    @Test
    func takesTheLogarithmOfOneMore() {
        let cases: [(String, Float)] = [
            ("0", 0), ("1", 0.6931471824645996), ("2.5", 1.2527629137039185), ("99", 4.605170249938965),
            ("1e-10", 1.000000013351432e-10), ("123456789", 18.63140106201172), ("1e39", 89.80081939697266),
            ("1e300", 690.7755126953125),
        ]
        for (text, expected) in cases { #expect(Self.logarithm(text) == expected, "\(text)") }
        for text in ["-0.1", "-1", "-5", "-1e-300", "", "x", "nan", "1e400"] {
            #expect(Self.logarithm(text) == nil, "\(text)")
        }
    }

    @Test
    func refusesNegativeNumbersWithTheirPlace() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("log.csv", "user,item,rating,time,price\n1,2,3,4,1\n1,2,3,4,\n1,2,3,4,-1\n")
        var settings = IngestSettings.small([path])
        settings.features = [.init(name: "price", column: "price", kind: .dense(.log1p), missing: ["", "-1"])]
        #expect(try await Ingested(settings).numbers(1) == [0.6931471824645996, 0, 0])
        settings.features[0].missing = [""]
        let failure = await Ingested.failure(settings)
        #expect(
            failure?.description == "\(path):4:5: error: `price` must be a number of at least 0, is `-1`"
                + IngestErrorTests.advice)
    }
}
