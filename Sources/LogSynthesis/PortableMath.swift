// For linking only: `squareRoot` may call the C library's `sqrt`, which IEEE 754 has rounded correctly everywhere.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Exponential and logarithm made of IEEE operations alone, so that a log is the same bytes on every machine: the last
/// bit of a C library's `exp` and `log` differs from one to the next.
enum PortableMath {
    private static let ln2High = 0x1.62e42fefap-1
    private static let ln2Low = 0x1.cf79abc9e3b3ap-40

    /// e to the `x`, to within 2 units in the last place; beyond ±708, that of ±708.
    ///
    /// With `x = k·ln 2 + r`, `e^r = 1 + 2r / (R - r)` where `R = r·coth(r/2)`, an even series with Bernoulli numbers.
    @inline(__always)
    static func exponential(_ x: Double) -> Double {
        let x = min(max(x, -708), 708)
        // Adding 1.5·2^52 leaves the nearest whole number in the lowest bits.
        let shifted = x * 1.4426950408889634 + 0x1.8p52
        let k = shifted - 0x1.8p52
        let r = (x - k * ln2High) - k * ln2Low
        let t = r * r
        var even = -691 / 653_837_184_000 * t + 1 / 23_950_080
        even = even * t - 1 / 604_800
        even = even * t + 1 / 15_120
        even = even * t - 1 / 360
        even = even * t + 1 / 6
        even = even * t + 2
        let power = Double(bitPattern: (shifted.bitPattern &+ 1023) << 52)
        return (1 + 2 * r / (even - r)) * power
    }

    /// The natural logarithm of a normal number above 0, to within 2 units in the last place.
    ///
    /// With `x = 2^k·m` and `m` in √½...√2, `log m = 2·artanh((m - 1) / (m + 1))`.
    @inline(__always)
    static func logarithm(_ x: Double) -> Double {
        // Counting from the bits of √½ instead of 1 puts m into its range.
        let offset = x.bitPattern &- 0x3FE6_A09E_667F_3BCD
        let k = Int64(bitPattern: offset) >> 52
        let m = Double(bitPattern: x.bitPattern &- UInt64(bitPattern: k) << 52)
        let s = (m - 1) / (m + 1)
        let t = s * s
        var series = 1.0 / 21 * t + 1 / 19
        series = series * t + 1 / 17
        series = series * t + 1 / 15
        series = series * t + 1 / 13
        series = series * t + 1 / 11
        series = series * t + 1 / 9
        series = series * t + 1 / 7
        series = series * t + 1 / 5
        series = series * t + 1 / 3
        let exponent = Double(k)
        return exponent * ln2High + (2 * s + (2 * s * t * series + exponent * ln2Low))
    }

    /// `1 / (1 + e^-x)`.
    @inline(__always)
    static func sigmoid(_ x: Double) -> Double {
        1 / (1 + exponential(-x))
    }

    /// `log(q / (1 - q))` for `q` above 0 and below 1.
    static func logit(_ q: Double) -> Double {
        logarithm(q / (1 - q))
    }
}
