/// The columns of the log that settings use, each once, and which of them holds what.
///
/// Where the log lists impressions, the columns that the lists make are counted before its own: `ImpressionRows` puts them
/// there.
struct WantedColumns {
    /// The names of the log's own.
    private(set) var names: [String] = []
    private(set) var user = 0
    private(set) var time = 0
    /// Its place, or that of the impression list's labels; of no use where another log holds the clicks.
    private(set) var label = 0
    /// The log's side of a click's key.
    private(set) var clickKey: [Int] = []
    /// One a feature that the log itself holds, in the schema's order.
    private(set) var features: [Int] = []
    /// One a join, in the order of `joins`.
    private(set) var lookups: [Int] = []
    /// The joins that features use, each once.
    private(set) var joins: [IngestSettings.FeatureSetting.Join] = []

    private let list: IngestSettings.ImpressionList?

    init(_ settings: IngestSettings) {
        list = settings.roles.label.list
        user = index(of: settings.roles.user)
        time = index(of: settings.roles.time.column)
        switch settings.roles.label {
        case .comparison(let column, _, _), .membership(let column, _), .zeroOne(let column): label = index(of: column)
        case .pairs(let list):
            // First asked for here, so that the list itself is among the wanted.
            _ = index(of: list.column)
            label = ImpressionRows.labelColumn
        case .clicks(let clicks): clickKey = clicks.on.map { index(of: $0) }
        }
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
        if name == list?.item { return ImpressionRows.itemColumn }
        let ownColumns = list == nil ? 0 : ImpressionRows.columnCount
        if let index = names.firstIndex(of: name) { return ownColumns + index }
        names.append(name)
        return ownColumns + names.count - 1
    }
}
