public import LabelCorrection
public import Samples

/// Reports added up: those of stores whose users differ, or those of devices.
///
/// The two are never added to each other: one side is exact and says of its users what the other does not know, and a device whose
/// user stands in a store would count twice.
public struct CTRMerge: Sendable {
    private var tally: CTRTally?
    private var devices: DeviceTally?
    /// The file that each store came with.
    private var stores: [String: String] = [:]

    /// A sum of nothing.
    public init() {}

    /// Adds what was measured on other users. `name` is the file that errors start with.
    ///
    /// Throws `data` for a store that was added before, for devices beside stores, and for sums that pass the greatest `Int`.
    public mutating func add(_ report: CTRReport, from name: String) throws(StageError) {
        switch report.origin {
        case .users(let more, let fingerprints):
            guard devices == nil else { throw Self.mixed(name) }
            for fingerprint in fingerprints {
                if let other = stores.updateValue(name, forKey: fingerprint) {
                    throw StageError(
                        .data, "the store \(fingerprint) is already in \(other): its users would count twice",
                        at: SourcePosition(file: name))
                }
            }
            // Out of its place meanwhile, so that it is not copied.
            var sum = tally.take() ?? CTRTally()
            try sum.add(more)
            tally = sum
        case .devices(let more):
            try addDevices(from: name) { sum throws(StageError) in try sum.add(more) }
        }
    }

    /// Adds one device's report, of which nobody can tell whether it was added before. Throws as above.
    public mutating func add(_ report: DeviceReport, from name: String) throws(StageError) {
        try addDevices(from: name) { sum throws(StageError) in try sum.add(report) }
    }

    /// The report over all that was added. Throws `data` where that is nothing, or leaves no global CTR inside (0, 1).
    public func report() throws(StageError) -> CTRReport {
        if let tally { return try CTRReport(tally, stores: Array(stores.keys)) }
        if let devices { return try CTRReport(devices) }
        throw StageError(.data, "no reports, hence no global CTR")
    }

    private mutating func addDevices(
        from name: String, _ add: (inout DeviceTally) throws(StageError) -> Void
    ) throws(StageError) {
        guard tally == nil else { throw Self.mixed(name) }
        var sum = devices.take() ?? DeviceTally()
        try add(&sum)
        devices = sum
    }

    private static func mixed(_ name: String) -> StageError {
        StageError(
            .data, "reports of stores and of devices do not add up: who stands in both would count twice",
            at: SourcePosition(file: name), advice: "merge each kind by itself")
    }
}
