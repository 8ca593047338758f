public import LabelCorrection
public import Samples

/// What `ctr` says of all users' train parts: counts, the global CTR, and how far users' local CTRs drift from it. The
/// content of `ctr.json`.
public struct CTRReport: Sendable, Hashable {
    /// What a report is made from.
    public enum Origin: Sendable, Hashable {
        /// Users' train parts, counted.
        ///
        /// `stores` are the fingerprints of the partition stores that they stand in, rising; none where that is not known.
        case users(CTRTally, stores: [String])
        /// What devices sent of themselves. Of single users nothing is known.
        case devices(DeviceTally)
    }

    /// What this was made from.
    public let origin: Origin
    /// Train samples and positives of all users together; from devices, the sums of noised counts.
    public let counts: ClickCounts
    /// The share of positives; inside (0, 1), or there would be nothing to align labels to.
    public let globalCTR: GlobalCTR
    /// Quantiles of the local CTR over users with train samples; nil from devices.
    public let localCTR: Quantiles?
    /// Quantiles of the CTR drift, `q - p`, over the same users; nil from devices.
    public let drift: Quantiles?

    /// A report over users, who stand in the stores with these fingerprints; none if that is not known. Throws `data` unless some
    /// samples are positive and some not.
    public init(_ tally: CTRTally, stores: [String] = []) throws(StageError) {
        counts = tally.counts
        guard let share = counts.ctr else {
            throw StageError(.data, "no train samples, hence no global CTR")
        }
        do throws(LabelCorrectionError) {
            globalCTR = try GlobalCTR(share)
        } catch {
            throw StageError(
                .data,
                "the global CTR is \(counts.positives == 0 ? 0 : 1): \(counts.positives == 0 ? "none" : "all") of the"
                    + " \(counts.samples) train samples are positive",
                advice: "check the label rule")
        }
        let locals = tally.rows
            .map { (value: $0.counts.ctr ?? 0, users: $0.users) }
            .sorted { $0.value < $1.value }
        localCTR = Quantiles(rising: locals)
        drift = Quantiles(rising: locals.map { [globalCTR] in (globalCTR.drift(of: $0.value), $0.users) })
        origin = .users(tally, stores: Set(stores).sorted())
    }

    /// A report over users' train counts, given in any order. Throws as above.
    public init(users: some Sequence<ClickCounts>, stores: [String] = []) throws(StageError) {
        var tally = CTRTally()
        for counts in users { try tally.add(counts) }
        try self.init(tally, stores: stores)
    }

    /// An estimate from what devices sent. Throws `data` if noise leaves no estimate inside (0, 1).
    public init(_ devices: DeviceTally) throws(StageError) {
        guard devices.positives > 0, devices.positives < devices.samples else {
            throw StageError(
                .data,
                "the reports of \(devices.reports) devices give no global CTR between 0 and 1: \(devices.positives) of"
                    + " \(devices.samples) samples positive, noise included",
                advice: "take more devices or a larger epsilon")
        }
        let counts = ClickCounts(samples: devices.samples, positives: devices.positives)
        do throws(LabelCorrectionError) {
            globalCTR = try GlobalCTR(Double(counts.positives) / Double(counts.samples))
        } catch {
            // Counts beyond 2⁵³ can round to a share of 1.
            throw StageError(.data, error.description)
        }
        self.counts = counts
        localCTR = nil
        drift = nil
        origin = .devices(devices)
    }

    /// All users, those without train samples included; from devices, the number of reports.
    public var users: Int {
        switch origin {
        case .users(let tally, _): tally.users
        case .devices(let devices): devices.reports
        }
    }
}
