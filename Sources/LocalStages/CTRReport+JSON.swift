import LabelCorrection
import OrderedJSON
public import Samples

extension CTRReport {
    private static let format = 2

    /// The bytes of `ctr.json`: the same report, the same bytes.
    public func json() -> [UInt8] {
        var members: [JSONValue.Member] = [
            .init("format", .integer(Self.format)), .init("samples", .integer(counts.samples)),
            .init("positives", .integer(counts.positives)), .init("global_ctr", .number(globalCTR.value)),
        ]
        switch origin {
        case .users(let tally, let stores):
            members += [
                .init("users", tally.usersJSON), .init("local_ctr", localCTR?.json ?? .null),
                .init("drift", drift?.json ?? .null), .init("stores", .array(stores.map { .string($0) })),
                .init("users_by_counts", tally.rowsJSON),
            ]
        case .devices(let devices):
            members += [
                .init("users", devices.usersJSON), .init("local_ctr", .null), .init("drift", .null),
                .init("devices", devices.json),
            ]
        }
        return Array(JSONValue.object(members).text(.indented).utf8)
    }

    /// Reads `ctr.json` back; keys that are not known are passed over. `name` is the file that errors start with.
    ///
    /// Throws `data` with the byte where it is no JSON, with the member's path where it has the wrong shape, and for counts
    /// that cannot all be true.
    public init(json: [UInt8], name: String) throws(StageError) {
        do throws(JSONError) {
            try self.init(JSONNode(try JSONValue(utf8: json[...])))
        } catch {
            throw StageError(
                .data, error.message, at: SourcePosition(file: name, byteOffset: error.byteOffset),
                advice: "make it with `plumb ctr STORE -o ctr.json`")
        }
    }

    private init(_ document: JSONNode) throws(JSONError) {
        let format = try document.member("format")
        guard format.value == .integer(Self.format) else {
            let isEarlier = format.value == .integer(1)
            throw format.mismatch(
                "\(Self.format), \(isEarlier ? "1 is that of an earlier version" : "the only one known")")
        }
        // Both classes occur, or there was no report: hence at least one sample that is positive and one that is not.
        let samples = try document.member("samples").integer(in: 2...Int.max)
        let positives = try document.member("positives").integer(in: 1...samples - 1)
        let counts = ClickCounts(samples: samples, positives: positives)
        let share = try document.member("global_ctr")
        try share.require(near: Double(positives) / Double(samples), "the positives over the samples")

        let users = try document.member("users")
        let report: CTRReport?
        if let devices = try document.optionalMember("devices") {
            let tally = try DeviceTally(devices, users: users, counts: counts)
            report = try? CTRReport(tally)
        } else {
            let stores = try Self.stores(try document.member("stores"))
            let tally = try CTRTally(users: users, rows: try document.member("users_by_counts"), counts: counts)
            report = try? CTRReport(tally, stores: stores)
        }
        // Counts beyond 2⁵³ may round to a share of 1.
        guard let report else { throw share.mismatch("a number above 0 and below 1") }
        try report.localCTR?.require(try document.member("local_ctr"))
        try report.drift?.require(try document.member("drift"))
        self = report
    }

    /// Fingerprints of stores, which rise.
    private static func stores(_ node: JSONNode) throws(JSONError) -> [String] {
        var stores: [String] = []
        for element in try node.elements() {
            let fingerprint = try element.string()
            guard fingerprint.utf8.count == 64, fingerprint.utf8.allSatisfy("0123456789abcdef".utf8.contains),
                stores.last.map({ $0 < fingerprint }) ?? true
            else {
                throw element.mismatch("a store's fingerprint, 64 hexadecimal digits, above the one before")
            }
            stores.append(fingerprint)
        }
        return stores
    }
}

extension Quantiles {
    fileprivate var json: JSONValue { .object(members.map { .init($0.key, .number($0.value)) }) }

    /// That a file says the same of the users that it counts.
    fileprivate func require(_ node: JSONNode) throws(JSONError) {
        for (key, value) in members { try node.member(key).require(near: value, "as users_by_counts says") }
    }

    private var members: KeyValuePairs<String, Double> {
        ["min": min, "p05": p05, "p25": p25, "p50": p50, "p75": p75, "p95": p95, "max": max]
    }
}

extension JSONNode {
    /// That this is a number that follows from others. Other writers may round the last digits.
    func require(near expected: Double, _ reason: String) throws(JSONError) {
        guard abs(try double() - expected) <= 1e-9 * max(1, abs(expected)) else {
            throw mismatch("\(expected), \(reason)")
        }
    }
}
