#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Bionic)
import Bionic
#elseif canImport(Darwin)
import Darwin
#endif

/// `log(p / (1 - p))`; infinite at 0 and 1.
func logit(_ p: Double) -> Double { log(p) - log1p(-p) }
