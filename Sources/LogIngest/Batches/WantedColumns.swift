/// The columns of the log that settings use, each once, and which of them holds what.
struct WantedColumns {
    /// Their names.
    private(set) var names: [String] = []
    private(set) var user = 0
    private(set) var time = 0
    private(set) var label = 0
    /// One a feature that the log itself holds, in the schema's order.
    private(set) var features: [Int] = []
    /// One a join, in the order of `joins`.
    private(set) var lookups: [Int] = []
    /// The joins that features use, each once.
    private(set) var joins: [IngestSettings.FeatureSetting.Join] = []

    init(_ settings: IngestSettings) {
        user = index(of: settings.roles.user)
        time = index(of: settings.roles.time.column)
        label = index(of: settings.roles.label.column)
        for feature in settings.allFeatures {
            guard let join = feature.join else {
                features.append(index(of: feature.column))
                continue
            }
            guard !joins.contains(join) else { continue }
            joins.append(join)
            lookups.append(index(of: join.on))
        }
    }

    private mutating func index(of name: String) -> Int {
        if let index = names.firstIndex(of: name) { return index }
        names.append(name)
        return names.count - 1
    }
}
