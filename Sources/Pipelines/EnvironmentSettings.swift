import Samples

/// Settings that stand in the environment: `PLUMB_TRAIN_LEARNING_RATE` for `train.learning_rate`.
struct EnvironmentSettings {
    let overrides: [SettingOverride]

    init(_ environment: [String: String]) {
        var overrides: [SettingOverride] = []
        for name in environment.keys.sorted() {
            guard let text = environment[name], let path = Self.path(of: name) else { continue }
            overrides.append(SettingOverride(path: path, text: text, origin: .environment(name)))
        }
        self.overrides = overrides
    }

    /// A fault for each variable that names a stage but no setting of it.
    ///
    /// - Parameter readsIngest: whether the section `ingest` was read; without it its variables are none of our business.
    func faults(known ledger: SettingsReader.Ledger, readsIngest: Bool) -> [StageError] {
        overrides.filter { override in
            !ledger.usedOverrides.contains(override.path) && ledger.overrides[override.path] == override
                && (readsIngest || !override.path.hasPrefix("ingest."))
        }.map { override in
            let known = ledger.settings.map(\.path)
            return StageError(
                .usage, "there is no setting `\(override.path)`", at: override.origin.position,
                advice: nearest(to: override.path, among: known).map { "did you mean `\($0)`?" })
        }
    }

    /// The sections within sections whose keys are known beforehand.
    private static let nested = ["ingest": ["limits"], "partition": ["history", "negatives", "scaling"]]

    private static func path(of name: String) -> String? {
        guard name.hasPrefix("PLUMB_") else { return nil }
        let rest = name.dropFirst("PLUMB_".count).lowercased()
        if rest == "seeds" { return rest }
        guard let section = Pipeline.stageSections.first(where: { rest.hasPrefix($0 + "_") }) else { return nil }
        let key = String(rest.dropFirst(section.count + 1))
        // Settings one level further down: PLUMB_PARTITION_HISTORY_LENGTH.
        for inner in nested[section] ?? [] where key.hasPrefix("\(inner)_") {
            return "\(section).\(inner).\(key.dropFirst(inner.count + 1))"
        }
        return "\(section).\(key)"
    }
}
