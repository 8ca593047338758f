#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Android)
import Android
#elseif canImport(ucrt)
import ucrt
#endif

/// The C library's elementary functions: all that this module takes from the system. Named unlike C's, which they call.
enum CMath {
    /// e^x.
    @inline(__always) static func exponential(_ x: Double) -> Double { exp(x) }
    /// ln x.
    @inline(__always) static func logarithm(_ x: Double) -> Double { log(x) }
    /// ln(1 + x), exact for small x.
    @inline(__always) static func logarithm(onePlus x: Double) -> Double { log1p(x) }
    /// cos x, x in radians.
    @inline(__always) static func cosine(_ x: Double) -> Double { cos(x) }
}
