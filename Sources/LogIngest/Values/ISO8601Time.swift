/// Times in ISO 8601, as settings have them.
public enum ISO8601Time {
    /// Milliseconds since 1970-01-01 UTC of a date, at its start, or of a date and a time; in UTC where no offset is written.
    /// Nil for any other text.
    public static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        if bytes.isEmpty { return nil }
        return CivilTime(iso8601: bytes.span)?.milliseconds(in: .utc)
    }
}
