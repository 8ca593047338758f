import LogIngest
import Samples

extension IngestSettings.Time {
    private static let names: [(name: String, format: IngestSettings.TimeFormat)] = [
        ("unix-seconds", .unixSeconds), ("unix-milliseconds", .unixMilliseconds), ("iso8601", .iso8601),
    ]

    /// The keys `time`, `time_format` and `time_zone` of `ingest`. Nil if they are faulty; the reader then holds the
    /// faults, each at its own key.
    init?(_ reader: SettingsReader) {
        let column = reader.requiredText("time")
        let text = reader.text("time_format", default: "unix-seconds")
        let zone = reader.text("time_zone")
        let format: IngestSettings.TimeFormat
        if let named = Self.names.first(where: { $0.name == text }) {
            format = named.format
        } else if text.contains("%") {
            format = .pattern(text)
        } else {
            let names = Self.names.map(\.name).joined(separator: ", ")
            reader.fault(
                "`ingest.time_format` must be one of \(names), or a pattern with % as of strptime, is `\(text)`",
                key: "time_format")
            return nil
        }
        // First without the zone, so that a fault is told at the key that it is in.
        self.init(column: column, format: format)
        if !isValid(reader, key: "time_format") { return nil }
        self.zone = zone
        if !isValid(reader, key: "time_zone") { return nil }
    }

    private func isValid(_ reader: SettingsReader, key: String) -> Bool {
        do throws(StageError) {
            try validate()
            return true
        } catch {
            reader.fault("`ingest.\(key)`: \(error.message)", key: key, advice: error.advice)
            return false
        }
    }
}
