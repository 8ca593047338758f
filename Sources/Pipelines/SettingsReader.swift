import Samples

/// Reads one section of the settings: each value from the flag, environment variable, pipeline file or default that names
/// it last, checked, its origin kept. Faults are gathered, so that a person sees all of them at once.
final class SettingsReader {
    /// What all sections of one reading share.
    final class Ledger {
        let overrides: [String: SettingOverride]
        var usedOverrides: Set<String> = []
        var faults: [StageError] = []
        var settings: [PipelineSetting] = []

        init(overrides: [SettingOverride]) {
            self.overrides = Dictionary(overrides.map { ($0.path, $0) }) { _, last in last }
        }

        /// A fault for each value that another file sets, and no setting takes. To be asked for when all were read.
        var unknownFileOverrides: [StageError] {
            let known = settings.map(\.path)
            return overrides.values.compactMap { override in
                guard case .file(let position) = override.origin, !usedOverrides.contains(override.path) else {
                    return nil
                }
                return StageError(
                    .usage, "there is no setting `\(override.path)`", at: position,
                    advice: nearest(to: override.path, among: known).map { "did you mean `\($0)`?" })
            }.sorted { ($0.position?.line ?? 0, $0.message) < ($1.position?.line ?? 0, $1.message) }
        }
    }

    /// The section's path: `train`, or empty for the whole file.
    var path: String { keys.joined(separator: ".") }
    /// The keys that lead to the section.
    private let keys: [String]
    /// Where the section stands; nil if it is not in the file.
    let position: SourcePosition?
    private let entries: [SettingsNode.Entry]
    private let ledger: Ledger
    private var usedKeys: [String] = []

    init(keys: [String], node: SettingsNode?, ledger: Ledger) {
        self.keys = keys
        self.ledger = ledger
        position = node?.position
        guard let node else {
            entries = []
            return
        }
        switch node.value {
        case .mapping(let entries): self.entries = entries
        case .nothing: entries = []
        case .scalar, .list:
            entries = []
            let name = keys.isEmpty ? "the file" : "`\(keys.joined(separator: "."))`"
            ledger.faults.append(
                StageError(.usage, "\(name) must be a mapping, is \(node.kindName)", at: node.position))
        }
    }

    // MARK: Values

    /// A piece of text; nil if nobody set it.
    func text(_ key: String) -> String? {
        guard let (node, origin) = scalar(key) else {
            record(key, "null", .standard)
            return nil
        }
        record(key, YAMLText.scalar(node), origin)
        return node
    }

    /// A piece of text that must be set.
    func requiredText(_ key: String) -> String {
        if let text = text(key) { return text }
        missing(key)
        return ""
    }

    /// A piece of text with a default.
    func text(_ key: String, default standard: String) -> String {
        value(key, default: standard, expected: "text", parse: { $0 })
    }

    /// A whole number in a range.
    func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        let upper = range.upperBound == .max ? "" : " and at most \(range.upperBound)"
        return value(key, default: standard, expected: "a whole number of at least \(range.lowerBound)\(upper)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number that passes `isValid`; `expected` says which do: "a number above 0".
    func number(_ key: String, default standard: Double, expected: String, isValid: (Double) -> Bool) -> Double {
        value(key, default: standard, expected: expected) {
            Double($0).flatMap { $0.isFinite && isValid($0) ? $0 : nil }
        }
    }

    /// One of a type's cases by its raw value.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default standard: Choice) -> Choice {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, default: standard, expected: "one of \(names)", shown: \.rawValue) {
            Choice(rawValue: $0)
        }
    }

    /// Text that `parse` understands, or must: with its own words for what is wrong.
    func parsed<Value>(_ key: String, _ parse: (String) throws(StageError) -> Value) -> Value? {
        guard let (text, origin) = scalar(key) else {
            missing(key)
            return nil
        }
        record(key, YAMLText.scalar(text), origin)
        do throws(StageError) {
            return try parse(text)
        } catch {
            fault("`\(full(key))`: \(error.message)", at: origin.position, advice: error.advice)
            return nil
        }
    }

    /// A list of texts; a single text is a list of one. Nil if nobody set it.
    func texts(_ key: String) -> [String]? {
        if !usedKeys.contains(key) { usedKeys.append(key) }
        if let override = override(key) {
            let texts = override.text.split(separator: ",").map { trimmed(String($0)) }
            record(key, YAMLText.list(texts), override.origin)
            return texts
        }
        guard let node = node(key) else {
            record(key, "null", .standard)
            return nil
        }
        switch node.value {
        case .nothing: return nil
        case .scalar(let text):
            record(key, YAMLText.list([text]), .file(node.position))
            return [text]
        case .list(let parts):
            var texts: [String] = []
            for part in parts {
                guard case .scalar(let text) = part.value else {
                    fault("`\(full(key))` must be a list of single values, holds \(part.kindName)", at: part.position)
                    return nil
                }
                texts.append(text)
            }
            record(key, YAMLText.list(texts), .file(node.position))
            return texts
        case .mapping:
            fault("`\(full(key))` must be a list, is a mapping", at: node.position)
            return nil
        }
    }

    /// A list with a default, each part understood by `parse`.
    func list<Value>(
        _ key: String, default standard: [Value], expected: String, shown: (Value) -> String = { "\($0)" },
        parse: (String) -> Value?
    ) -> [Value] {
        guard has(key) else {
            usedKeys.append(key)
            record(key, YAMLText.list(standard.map(shown)), .standard)
            return standard
        }
        guard let texts = texts(key) else { return standard }
        var values: [Value] = []
        for text in texts {
            guard let value = parse(text) else {
                fault("`\(full(key))` must hold \(expected), holds `\(text)`", at: place(of: key))
                return standard
            }
            values.append(value)
        }
        return values
    }

    // MARK: Sections

    /// The section under a key; an empty one if it is not in the file.
    func section(_ key: String) -> SettingsReader {
        usedKeys.append(key)
        return SettingsReader(keys: keys + [key], node: node(key), ledger: ledger)
    }

    /// The named sections under a key, in file order.
    func sections(_ key: String) -> [(name: String, reader: SettingsReader)] {
        usedKeys.append(key)
        guard let node = node(key) else { return [] }
        guard case .mapping(let parts) = node.value else {
            fault("`\(full(key))` must be a mapping of names, is \(node.kindName)", at: node.position)
            return []
        }
        return parts.map {
            ($0.key, SettingsReader(keys: keys + [key, $0.key], node: $0.node, ledger: ledger))
        }
    }

    /// The keys that the file sets here.
    var names: [String] { entries.map(\.key) }

    /// Whether the file sets this key.
    func has(_ key: String) -> Bool { node(key) != nil || override(key) != nil }

    /// Whether a flag or the environment sets this key, and no longer the file.
    func isOverridden(_ key: String) -> Bool { override(key) != nil }

    /// Faults the file for a key that makes no sense beside what else it says.
    func refuse(_ key: String, _ message: String) {
        usedKeys.append(key)
        if has(key) { fault(message, key: key) }
    }

    /// To be called when every key was asked for: what is left over is a fault.
    func finish() {
        for entry in entries where !usedKeys.contains(entry.key) {
            let place = keys.isEmpty ? "at the top" : "in `\(path)`"
            fault(
                "unknown key `\(entry.key)` \(place)", at: entry.keyPosition,
                advice: nearest(to: entry.key, among: usedKeys).map { "did you mean `\($0)`?" }
                    ?? "known here: \(usedKeys.joined(separator: ", "))")
        }
    }

    /// Notes a fault at the key's value, or at the section if the key is not in the file.
    func fault(_ message: String, key: String, advice: String? = nil) {
        fault(message, at: place(of: key), advice: advice)
    }

    // MARK: Parts

    /// What stands under a key, which counts as asked for; nil for nothing.
    func take(_ key: String) -> SettingsNode? {
        if !usedKeys.contains(key) { usedKeys.append(key) }
        return node(key)
    }

    /// Notes a fault at a place.
    func fault(_ message: String, at position: SourcePosition?, advice: String? = nil) {
        ledger.faults.append(StageError(.usage, message, at: position, advice: advice))
    }

    /// A value that `parse` understands; `shown` writes the default.
    func value<Value>(
        _ key: String, default standard: Value, expected: String, shown: (Value) -> String = { "\($0)" },
        parse: (String) -> Value?
    ) -> Value {
        guard let (text, origin) = scalar(key) else {
            record(key, YAMLText.scalar(shown(standard)), .standard)
            return standard
        }
        record(key, YAMLText.scalar(text), origin)
        guard let value = parse(text) else {
            fault("`\(full(key))` must be \(expected), is `\(text)`", at: origin.position)
            return standard
        }
        return value
    }

    private func scalar(_ key: String) -> (text: String, origin: SettingOrigin)? {
        usedKeys.append(key)
        if let override = override(key) { return (override.text, override.origin) }
        guard let node = node(key) else { return nil }
        guard case .scalar(let text) = node.value else {
            fault("`\(full(key))` must be a single value, is \(node.kindName)", at: node.position)
            return nil
        }
        return (text, .file(node.position))
    }

    /// What stands under a key; nil for nothing.
    private func node(_ key: String) -> SettingsNode? {
        guard let node = entries.first(where: { $0.key == key })?.node else { return nil }
        if case .nothing = node.value { return nil }
        return node
    }

    private func override(_ key: String) -> SettingOverride? {
        let path = full(key)
        guard let override = ledger.overrides[path] else { return nil }
        ledger.usedOverrides.insert(path)
        return override
    }

    private func place(of key: String) -> SourcePosition? {
        override(key)?.origin.position ?? entries.first { $0.key == key }?.node.position ?? position
    }

    private func missing(_ key: String) {
        fault("`\(full(key))` is missing", at: position, advice: "every pipeline file must say it")
    }

    private func record(_ key: String, _ text: String, _ origin: SettingOrigin) {
        ledger.settings.append(PipelineSetting(keys: keys + [key], text: text, origin: origin))
    }

    private func full(_ key: String) -> String { keys.isEmpty ? key : "\(path).\(key)" }

    private func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
