/// The standard normal distribution.
enum NormalDistribution {
    /// The share below `z`, to within 1e-15 and, where it is small, to a relative 1e-8: Hart's algorithm 5666 ("Computer
    /// Approximations", 1968) as given by West ("Better Approximations to Cumulative Normal Functions", Wilmott, 2005).
    static func cumulative(_ z: Double) -> Double {
        let x = abs(z)
        let density = PortableMath.exponential(-0.5 * x * x)
        let tail: Double
        if x < 7.07106781186547 {
            var numerator = 3.52624965998911e-2 * x + 0.700383064443688
            numerator = numerator * x + 6.37396220353165
            numerator = numerator * x + 33.912866078383
            numerator = numerator * x + 112.079291497871
            numerator = numerator * x + 221.213596169931
            numerator = numerator * x + 220.206867912376
            var denominator = 8.83883476483184e-2 * x + 1.75566716318264
            denominator = denominator * x + 16.064177579207
            denominator = denominator * x + 86.7807322029461
            denominator = denominator * x + 296.564248779674
            denominator = denominator * x + 637.333633378831
            denominator = denominator * x + 793.826512519948
            denominator = denominator * x + 440.413735824752
            tail = density * numerator / denominator
        } else {
            let fraction = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))))
            tail = density / (fraction * 2.506628274631)
        }
        return z > 0 ? 1 - tail : tail
    }

    /// The number that the share `p`, above 0 and below 1, lies below, to a relative 4e-15: Wichura's AS 241, PPND16
    /// ("The Percentage Points of the Normal Distribution", Applied Statistics 37, 1988).
    @inline(__always)
    static func quantile(_ p: Double) -> Double {
        let q = p - 0.5
        guard abs(q) > 0.425 else {
            let r = 0.180625 - q * q
            return q
                * ratio(
                    r, (2.5090809287301226727e3, 5.2264952788528545610e3),
                    (3.3430575583588128105e4, 2.8729085735721942674e4),
                    (6.7265770927008700853e4, 3.9307895800092710610e4),
                    (4.5921953931549871457e4, 2.1213794301586595867e4),
                    (1.3731693765509461125e4, 5.3941960214247511077e3),
                    (1.9715909503065514427e3, 6.8718700749205790830e2),
                    (1.3314166789178437745e2, 4.2313330701600911252e1),
                    (3.3871328727963666080e0, 1))
        }
        let magnitude = tailQuantile((-PortableMath.logarithm(q < 0 ? p : 1 - p)).squareRoot())
        return q < 0 ? -magnitude : magnitude
    }

    /// The quantile's magnitude where `r` is the root of minus the logarithm of the nearer tail.
    private static func tailQuantile(_ r: Double) -> Double {
        guard r > 5 else {
            return ratio(
                r - 1.6, (7.74545014278341407640e-4, 1.05075007164441684324e-9),
                (2.27238449892691845833e-2, 5.47593808499534494600e-4),
                (2.41780725177450611770e-1, 1.51986665636164571966e-2),
                (1.27045825245236838258e0, 1.48103976427480074590e-1),
                (3.64784832476320460504e0, 6.89767334985100004550e-1),
                (5.76949722146069140550e0, 1.67638483018380384940e0),
                (4.63033784615654529590e0, 2.05319162663775882187e0),
                (1.42343711074968357734e0, 1))
        }
        return ratio(
            r - 5, (2.01033439929228813265e-7, 2.04426310338993978564e-15),
            (2.71155556874348757815e-5, 1.42151175831644588870e-7),
            (1.24266094738807843860e-3, 1.84631831751005468180e-5),
            (2.65321895265761230930e-2, 7.86869131145613259100e-4),
            (2.96560571828504891230e-1, 1.48753612908506148525e-2),
            (1.78482653991729133580e0, 1.36929880922735805310e-1),
            (5.46378491116411436990e0, 5.99832206555887937690e-1),
            (6.65790464350110377720e0, 1))
    }

    /// One polynomial over another; pairs of coefficients from the highest power down.
    @inline(__always)
    private static func ratio(
        _ r: Double, _ seven: (Double, Double), _ six: (Double, Double), _ five: (Double, Double),
        _ four: (Double, Double), _ three: (Double, Double), _ two: (Double, Double), _ one: (Double, Double),
        _ zero: (Double, Double)
    ) -> Double {
        var both = SIMD2(seven.0, seven.1) * r + SIMD2(six.0, six.1)
        both = both * r + SIMD2(five.0, five.1)
        both = both * r + SIMD2(four.0, four.1)
        both = both * r + SIMD2(three.0, three.1)
        both = both * r + SIMD2(two.0, two.1)
        both = both * r + SIMD2(one.0, one.1)
        both = both * r + SIMD2(zero.0, zero.1)
        return both.x / both.y
    }
}
