/// What one device sends so that a global CTR can be measured: two counts, clipped and noised on the device. No key goes with
/// them.
///
/// Noised counts may be negative, or more positives than samples. They are not made plausible, as that would shift the sum over
/// many devices, whose noise has a mean of 0.
public struct DeviceReport: Sendable, Hashable {
    /// What noised counts can be; beyond lies nothing that would ever be drawn.
    public static let range = -DiscreteLaplace.limit...DiscreteLaplace.limit

    /// Number of train samples, noised.
    public let samples: Int
    /// Number of positive ones, noised.
    public let positives: Int
    /// How they were clipped and noised.
    public let privacy: DevicePrivacy

    /// Clips and noises the counts of a device's train labels.
    ///
    /// - Parameters:
    ///   - trainLabels: raw labels, the oldest first; any number, 0 too: a device that has nothing and sends nothing would tell
    ///     just that. A label above one half is positive.
    ///   - generator: on a device `SystemRandomNumberGenerator()`, or the guarantee is gone.
    public init(
        trainLabels: some BidirectionalCollection<Float>, privacy: DevicePrivacy,
        using generator: inout some RandomNumberGenerator
    ) {
        let clipped = ClickCounts(labels: trainLabels.suffix(privacy.clip))
        let noise = privacy.noise
        self.init(
            samples: clipped.samples + noise.draw(using: &generator),
            positives: clipped.positives + noise.draw(using: &generator), privacy: privacy)
    }

    /// A report as it was sent; counts out of `range` are put at its ends.
    public init(samples: Int, positives: Int, privacy: DevicePrivacy) {
        self.samples = min(max(samples, Self.range.lowerBound), Self.range.upperBound)
        self.positives = min(max(positives, Self.range.lowerBound), Self.range.upperBound)
        self.privacy = privacy
    }
}
