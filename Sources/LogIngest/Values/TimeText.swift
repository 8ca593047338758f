extension IngestSettings.TimeFormat {
    /// What a field must be to be a time.
    var expectation: String {
        switch self {
        case .unixSeconds: "a time in seconds since 1970"
        case .unixMilliseconds: "a time in milliseconds since 1970"
        }
    }

    /// Milliseconds since 1970-01-01 UTC; nil if `text` is no time of this format.
    @inline(__always)
    func milliseconds(_ text: Span<UInt8>) -> Int64? {
        switch self {
        case .unixSeconds:
            guard let seconds = Int64(decimal: text) else { return Self.fractionalSeconds(text) }
            return Self.years.contains(seconds) ? seconds &* 1000 : nil
        case .unixMilliseconds:
            guard let milliseconds = Int64(decimal: text), Self.years.contains(milliseconds / 1000) else { return nil }
            return milliseconds
        }
    }

    /// `964982703.125`: whole seconds, then digits of which three count.
    private static func fractionalSeconds(_ text: Span<UInt8>) -> Int64? {
        guard let point = text.indices.first(where: { text[$0] == 0x2E }),
            let seconds = Int64(decimal: text.extracting(..<point)), years.contains(seconds)
        else { return nil }
        var fraction: Int64 = 0
        var weight: Int64 = 100
        for index in (point + 1)..<text.count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            fraction += weight * Int64(digit)
            weight /= 10
        }
        return seconds * 1000 + (text[0] == 0x2D ? -fraction : fraction)
    }

    /// Year 1 to year 9999, in seconds. Milliseconds that are taken for seconds fall out of it.
    private static let years: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}
