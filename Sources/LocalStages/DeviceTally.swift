public import LabelCorrection
public import Samples

/// Sums over what devices sent, and how much noise is in them.
public struct DeviceTally: Sendable, Hashable {
    /// The sum of the devices' noised numbers of train samples; may be negative.
    public private(set) var samples = 0
    /// The sum of their noised numbers of positives; may be negative, or greater than `samples`.
    public private(set) var positives = 0
    /// Number of reports. Nobody can tell whether a device sent two.
    public private(set) var reports = 0

    private var reportsByPrivacy: [DevicePrivacy: Int] = [:]

    /// A tally of no reports.
    public init() {}

    /// Sums over `reportsByPrivacy`'s reports as somebody else added them up. Throws as `add` does.
    init(
        samples: Int, positives: Int, reportsByPrivacy: [(privacy: DevicePrivacy, reports: Int)]
    ) throws(StageError) {
        self.samples = samples
        self.positives = positives
        for (privacy, reports) in reportsByPrivacy { try count(reports, privacy) }
    }

    /// How many reports were clipped and noised in which way; a small clip first, then a small epsilon.
    public var rows: [(privacy: DevicePrivacy, reports: Int)] {
        reportsByPrivacy.map { (privacy: $0.key, reports: $0.value) }
            .sorted { ($0.privacy.clip, $0.privacy.epsilon) < ($1.privacy.clip, $1.privacy.epsilon) }
    }

    /// Adds one report. Throws `data` if a sum leaves the range of `Int`.
    public mutating func add(_ report: DeviceReport) throws(StageError) {
        try addSums(report.samples, report.positives)
        try count(1, report.privacy)
    }

    /// Adds the reports of other devices. Throws as above.
    public mutating func add(_ other: DeviceTally) throws(StageError) {
        try addSums(other.samples, other.positives)
        for (privacy, reports) in other.reportsByPrivacy { try count(reports, privacy) }
    }

    /// The standard deviation that the noise alone gives to the share `positives / samples`, by the delta method: both sums have
    /// independent noise of one variance, hence `√(variance·(1 + share²)) / samples`. Of use while that is small beside the
    /// share. What clipping leaves out and which devices report is not in it.
    public var globalCTRNoise: Double {
        let variance = rows.reduce(0.0) { $0 + Double($1.reports) * $1.privacy.noiseVariance }
        let share = Double(positives) / Double(samples)
        return (variance * (1 + share * share)).squareRoot() / Double(samples)
    }

    private mutating func addSums(_ moreSamples: Int, _ morePositives: Int) throws(StageError) {
        let (samples, areSamplesTooMany) = samples.addingReportingOverflow(moreSamples)
        let (positives, arePositivesTooMany) = positives.addingReportingOverflow(morePositives)
        guard !areSamplesTooMany, !arePositivesTooMany else { throw Self.tooGreat }
        (self.samples, self.positives) = (samples, positives)
    }

    private mutating func count(_ more: Int, _ privacy: DevicePrivacy) throws(StageError) {
        let (reports, areTooMany) = reports.addingReportingOverflow(more)
        guard !areTooMany else { throw Self.tooGreat }
        self.reports = reports
        reportsByPrivacy[privacy, default: 0] += more
    }

    private static var tooGreat: StageError {
        StageError(.data, "the devices' counts add up to more than \(Int.max)")
    }
}
