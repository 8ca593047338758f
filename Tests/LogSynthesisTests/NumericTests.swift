import Testing

@testable import LogSynthesis

@Suite("Portable numbers beside scipy's")
struct NumericTests {
    @Test("the exponential agrees to two units in the last place")
    func exponential() throws {
        for pair in try ScipyFixture.load().exponential {
            #expect(abs(PortableMath.exponential(pair[0]) - pair[1]) <= 2 * pair[1].ulp, "\(pair[0])")
        }
    }

    @Test("the exponential stays finite and above 0")
    func exponentialFarOut() {
        for x in [-1e300, -709, 709, 1e300, .infinity, -.infinity] {
            let value = PortableMath.exponential(x)
            #expect(value.isFinite && value > 0, "\(x)")
        }
        #expect(PortableMath.sigmoid(-1e9) < 1e-300)
        #expect(PortableMath.sigmoid(1e9) == 1)
    }

    @Test("the logarithm agrees to two units in the last place")
    func logarithm() throws {
        for pair in try ScipyFixture.load().logarithm {
            #expect(abs(PortableMath.logarithm(pair[0]) - pair[1]) <= 2 * pair[1].ulp, "\(pair[0])")
        }
    }

    @Test("the normal distribution's share below a number agrees to 1e-15, far out to a relative 1e-8")
    func cumulative() throws {
        for pair in try ScipyFixture.load().cumulative {
            let value = NormalDistribution.cumulative(pair[0])
            #expect(abs(value - pair[1]) <= 1e-15, "\(pair[0])")
            if pair[0] > -7 { #expect(abs(value - pair[1]) <= 1e-8 * pair[1], "\(pair[0])") }
        }
    }

    @Test("the normal distribution's quantile agrees to a relative 4e-15")
    func quantile() throws {
        for pair in try ScipyFixture.load().quantile {
            let value = NormalDistribution.quantile(pair[0])
            #expect(abs(value - pair[1]) <= 4e-15 * max(abs(pair[1]), 0.1), "\(pair[0])")
        }
    }

    @Test("uniform numbers are never 0 or 1")
    func uniform() {
        #expect(RandomStream.uniform(0) == 0x1p-53)
        #expect(RandomStream.uniform(.max) == 1 - 0x1p-53)
        #expect(NormalDistribution.quantile(RandomStream.uniform(.max)).isFinite)
    }
}
