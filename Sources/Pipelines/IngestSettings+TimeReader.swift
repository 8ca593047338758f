import LogIngest
import Samples

extension IngestSettings.Time {
    /// The keys `time`, `time_format` and `time_zone` of a section. Nil if they are faulty; the reader then holds the faults,
    /// each at its own key.
    ///
    /// - Parameter other: a time that is written the same where the section does not say how.
    init?(_ reader: SettingsReader, asIn other: Self? = nil) {
        let column = reader.requiredText("time")
        let text = reader.text("time_format", default: other?.format.name ?? "unix-seconds")
        let zone = reader.text("time_zone")
        let format: IngestSettings.TimeFormat
        if let named = IngestSettings.TimeFormat.names.first(where: { $0.name == text }) {
            format = named.format
        } else if text.contains("%") {
            format = .pattern(text)
        } else {
            let names = IngestSettings.TimeFormat.names.map(\.name).joined(separator: ", ")
            reader.fault(
                "`\(reader.path).time_format` must be one of \(names), or a pattern with % as of strptime, is `\(text)`",
                key: "time_format")
            return nil
        }
        // First without the zone, so that a fault is told at the key that it is in.
        self.init(column: column, format: format)
        if !isValid(reader, key: "time_format") { return nil }
        self.zone = zone ?? other?.zone
        // A format that says its zone itself takes none over.
        if zone == nil && !isValid { self.zone = nil }
        if !isValid(reader, key: "time_zone") { return nil }
    }

    private var isValid: Bool { (try? validate()) != nil }

    private func isValid(_ reader: SettingsReader, key: String) -> Bool {
        do throws(StageError) {
            try validate()
            return true
        } catch {
            reader.fault("`\(reader.path).\(key)`: \(error.message)", key: key, advice: error.advice)
            return false
        }
    }
}

extension IngestSettings.TimeFormat {
    fileprivate static let names: [(name: String, format: Self)] = [
        ("unix-seconds", .unixSeconds), ("unix-milliseconds", .unixMilliseconds), ("iso8601", .iso8601),
    ]

    /// The format as `time_format` says it.
    fileprivate var name: String {
        switch self {
        case .unixSeconds: "unix-seconds"
        case .unixMilliseconds: "unix-milliseconds"
        case .iso8601: "iso8601"
        case .pattern(let text): text
        }
    }
}
