/// How a device's two counts are clipped and noised before they leave it.
///
/// Of the device's train samples only the newest `clip` count, hence each count lies in 0...`clip`, and other data on the device
/// changes each by at most `clip`. To each comes noise of its own, of scale `2·clip / ε`: half of ε pays for each count, and
/// the report is ε-differentially private for all that the device holds (Dwork and Roth, *The Algorithmic Foundations of
/// Differential Privacy*, 2014, sections 3.3 and 3.5), without trust in whoever receives it. Reports of the same data add up:
/// `k` of them cost `k·ε`.
public struct DevicePrivacy: Sendable, Hashable {
    /// The most samples that a clip may let through.
    public static let mostClip = 1_000_000_000

    /// The most samples that count, the newest ones; 1...`mostClip`.
    public let clip: Int
    /// What one report costs.
    public let epsilon: Epsilon

    /// Throws for a clip below 1 or above `mostClip`.
    public init(clip: Int, epsilon: Epsilon) throws(LabelCorrectionError) {
        guard 1...Self.mostClip ~= clip else {
            throw LabelCorrectionError(.clipOutOfRange, "the clip must be from 1 to \(Self.mostClip) samples")
        }
        self.clip = clip
        self.epsilon = epsilon
    }

    /// The variance of the noise in each of the two counts; its mean is 0.
    public var noiseVariance: Double { noise.variance }

    /// The noise that comes to each count.
    var noise: DiscreteLaplace {
        // 2·clip / (millionths / 10⁶), as a fraction of integers.
        DiscreteLaplace(scale: UInt64(clip) * 2_000_000, over: UInt64(epsilon.millionths))
    }
}
