import LogIngest
import Samples

extension IngestSettings.LabelRule {
    /// One of the keys `label`, `impressions` and `clicks` of `ingest`; `logTime` is how the log writes its times. Nil if they
    /// are faulty; the reader then holds the faults.
    init?(_ reader: SettingsReader, logTime: IngestSettings.Time?) {
        let said = ["label", "impressions", "clicks"].filter { reader.has($0) }
        if said.count > 1 {
            reader.fault(
                "`ingest.\(said[0])` and `ingest.\(said[1])` both say what the label is", key: said[1],
                advice: "keep one of them")
        } else if said.isEmpty {
            reader.fault(
                "`ingest` says nowhere what the label is", key: "label",
                advice: "it needs one of `label`, `impressions` and `clicks`")
        }
        // All are asked for, so that all are known keys and each tells its faults.
        let rule = said.contains("label") ? Self(text: reader) : nil
        let list = IngestSettings.ImpressionList(reader)
        let clicks = IngestSettings.ClickLog(reader, logTime: logTime)
        guard let only = rule ?? list.map({ .pairs($0) }) ?? clicks.map({ .clicks($0) }) else { return nil }
        self = only
    }

    private init?(text reader: SettingsReader) {
        let rule: Self? = reader.parsed("label") { text throws(StageError) in
            do throws(TextFault) {
                return try Self(parsing: text)
            } catch {
                throw StageError(.usage, "\(error.message), at character \(error.column) of `\(text)`")
            }
        }
        guard let rule else { return nil }
        self = rule
    }
}

extension IngestSettings.ImpressionList {
    /// The section `ingest.impressions`; nil if there is none.
    fileprivate init?(_ ingest: SettingsReader) {
        let reader = ingest.section("impressions")
        guard ingest.has("impressions") else { return nil }
        let standard = Self(column: "")
        self.init(
            column: reader.requiredText("column"), separator: reader.text("separator", default: standard.separator),
            mark: reader.text("mark", default: standard.mark), item: reader.text("item", default: standard.item))
        reader.finish()
    }
}

extension IngestSettings.ClickLog {
    /// The section `ingest.clicks`; nil if there is none, or if it is faulty.
    fileprivate init?(_ ingest: SettingsReader, logTime: IngestSettings.Time?) {
        let reader = ingest.section("clicks")
        guard ingest.has("clicks") else { return nil }
        let source = reader.requiredText("source")
        let key = reader.texts("key") ?? []
        let on = reader.texts("on") ?? []
        for (name, columns) in [("key", key), ("on", on)] where columns.isEmpty {
            reader.fault("`\(reader.path).\(name)` names no column", key: name)
        }
        if !key.isEmpty && !on.isEmpty && key.count != on.count {
            reader.fault("`\(reader.path).on` must name as many columns as `key`, \(key.count)", key: "on")
        }
        let length = reader.duration("window")
        var window: Window?
        var isFaulty = false
        if reader.has("window") || reader.has("time") {
            if !reader.has("window") {
                reader.fault("`\(reader.path).window` must say how long a click counts", key: "window")
            }
            let time = IngestSettings.Time(reader, asIn: logTime)
            if let time, let length { window = Window(time: time, length: length) }
            isFaulty = window == nil
        } else {
            for name in ["time_format", "time_zone"] where reader.has(name) {
                reader.fault("`\(reader.path).\(name)` goes with `time` and `window`", key: name)
            }
            for name in ["time", "time_format", "time_zone"] { _ = reader.text(name) }
        }
        reader.finish()
        if isFaulty { return nil }
        self.init(source: source, key: key, on: on, window: window)
    }
}
