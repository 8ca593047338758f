import Samples

/// A feature whose values stand in a side table, as a worker sees it: rows of the table become columns whose ids are the
/// table's own.
struct JoinedColumn {
    /// Index of the join by which rows are found.
    let lookup: Int
    private let values: FeatureColumn

    init(values: FeatureColumn, lookup: Int) {
        self.values = values
        self.lookup = lookup
    }

    /// The table's lists; nil if its rows hold one value each.
    var lists: ListColumn? { if case .multivalued(let lists) = values { lists } else { nil } }

    /// The values of the table's rows; -1 stands for a key that is not there, whose row is 0. Lists are left empty.
    func values(_ tableRows: [Int32]) -> FeatureColumn {
        switch values {
        case .categorical(let ids): .categorical(tableRows.map { $0 < 0 ? 0 : ids[Int($0)] })
        case .dense(let numbers): .dense(tableRows.map { $0 < 0 ? 0 : numbers[Int($0)] })
        case .multivalued:
            .multivalued(ListColumn(offsets: Array(repeating: 0, count: tableRows.count + 1), values: []))
        }
    }

    /// How many ids or numbers the table's rows hold.
    func valueCount(_ tableRows: [Int32]) -> Int {
        guard case .multivalued(let lists) = values else { return tableRows.count }
        return tableRows.reduce(0) { $0 + ($1 < 0 ? 0 : lists[Int($1)].count) }
    }
}
