import Samples

/// Reads the times of a log: a format and a zone, made ready once.
struct TimeParser: Sendable {
    private enum Format {
        case unixSeconds, unixMilliseconds, iso8601
        case pattern(TimePattern)
    }

    private let format: Format
    private let zone: TimeZoneRules
    /// What a field must be to be a time: "a time in seconds since 1970".
    let expectation: String

    /// Throws `usage` for a pattern or a zone that makes no sense, `environment` if the zone cannot be looked up.
    init(_ time: IngestSettings.Time) throws(StageError) {
        try self.init(time, folders: TimeZoneRules.systemFolders)
    }

    /// Zones by name are looked up in `folders`.
    init(_ time: IngestSettings.Time, folders: [String]) throws(StageError) {
        let saysZone: Bool
        switch time.format {
        case .unixSeconds:
            format = .unixSeconds
            expectation = "a time in seconds since 1970"
            saysZone = true
        case .unixMilliseconds:
            format = .unixMilliseconds
            expectation = "a time in milliseconds since 1970"
            saysZone = true
        case .iso8601:
            format = .iso8601
            expectation = "a time in ISO 8601, as 2019-11-12T02:14:46"
            saysZone = false
        case .pattern(let text):
            let pattern = try TimePattern(text)
            format = .pattern(pattern)
            expectation = "a time as `\(text)` has it"
            saysZone = pattern.readsOffset
        }
        guard let name = time.zone else {
            zone = .utc
            return
        }
        if saysZone {
            throw StageError(
                .usage, "the time zone `\(name)` would not be asked for: the times are in UTC or say their own offset",
                advice: "leave it out")
        }
        zone = try TimeZoneRules(named: name, folders: folders)
    }

    /// Milliseconds since 1970-01-01 UTC; nil if `text` is no time of this format.
    @inline(__always)
    func milliseconds(_ text: Span<UInt8>) -> Int64? {
        switch format {
        case .unixSeconds:
            guard let seconds = Int64(decimal: text) else { return Self.fractionalSeconds(text) }
            return Self.seconds.contains(seconds) ? seconds &* 1000 : nil
        case .unixMilliseconds:
            guard let milliseconds = Int64(decimal: text), Self.milliseconds.contains(milliseconds) else { return nil }
            return milliseconds
        case .iso8601: return iso8601(text)
        case .pattern(let pattern): return milliseconds(text, pattern)
        }
    }

    /// As `milliseconds(_:)`, for the bytes of `text` in `range`.
    @inline(__always)
    func milliseconds(_ text: Span<UInt8>, in range: Range<Int>) -> Int64? {
        if case .unixSeconds = format, let seconds = Int64(decimal: text, in: range), Self.seconds.contains(seconds) {
            return seconds &* 1000
        }
        return milliseconds(text.extracting(range))
    }

    @inline(never)
    private func iso8601(_ text: Span<UInt8>) -> Int64? {
        CivilTime(iso8601: text)?.milliseconds(in: zone)
    }

    @inline(never)
    private func milliseconds(_ text: Span<UInt8>, _ pattern: TimePattern) -> Int64? {
        pattern.time(text)?.milliseconds(in: zone)
    }

    /// `964982703.125`: whole seconds, then digits of which three count.
    private static func fractionalSeconds(_ text: Span<UInt8>) -> Int64? {
        guard let point = text.indices.first(where: { text[$0] == UInt8(ascii: ".") }),
            let whole = Int64(decimal: text.extracting(..<point)), seconds.contains(whole)
        else { return nil }
        var fraction: Int64 = 0
        var weight: Int64 = 100
        var isCut = false
        for index in (point + 1)..<text.count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            fraction += weight * Int64(digit)
            if weight == 0 && digit > 0 { isCut = true }
            weight /= 10
        }
        if text[0] != UInt8(ascii: "-") { return whole * 1000 + fraction }
        // What is cut off goes towards the past here, too.
        let time = whole * 1000 - fraction - (isCut ? 1 : 0)
        return milliseconds.contains(time) ? time : nil
    }

    /// Year 1 to year 9999. Milliseconds that are taken for seconds fall out of it.
    static let seconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    /// The same.
    private static let milliseconds: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
}
