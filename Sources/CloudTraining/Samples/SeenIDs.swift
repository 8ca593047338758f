import CTRModels
import Samples

/// Which ids stand in train samples, a bit an id of each of a model's tables.
struct SeenIDs: Sendable {
    private let tables: [Int?]
    private let rows: [Int]
    private var bits: [[UInt64]]

    /// None seen yet.
    init(_ architecture: Architecture) {
        tables = architecture.tableIndexes
        rows = architecture.fields.filter(\.hasTable).map(\.rows)
        bits = rows.map { [UInt64](repeating: 0, count: ($0 + 63) / 64) }
    }

    /// Marks the ids of some rows, one column a field.
    mutating func mark(_ range: Range<Int>, of columns: [FeatureColumn]) {
        for (field, column) in columns.enumerated() {
            guard let table = tables[field] else { continue }
            switch column {
            case .categorical(let ids): mark(ids[range], table)
            case .multivalued(let lists):
                mark(lists.values[Int(lists.offsets[range.lowerBound])..<Int(lists.offsets[range.upperBound])], table)
            case .dense: break
            }
        }
    }

    private mutating func mark(_ ids: ArraySlice<UInt32>, _ table: Int) {
        let rows = rows[table]
        for id in ids where Int(id) < rows { bits[table][Int(id) / 64] |= 1 << (UInt64(id) % 64) }
    }

    /// Whether an id of a table was marked.
    func contains(_ id: Int, table: Int) -> Bool { bits[table][id / 64] >> (UInt64(id) % 64) & 1 == 1 }
}

extension CTRModel {
    /// Zeroes the rows of ids that no train sample holds, so that they score exactly as id 0, "unseen", and not by the
    /// random numbers that they started with.
    mutating func clearUnseen(_ seen: SeenIDs) {
        for table in parameters.tables.indices {
            let width = parameters.tables[table].width
            for id in 0..<parameters.tables[table].rows where !seen.contains(id, table: table) {
                for index in id * width..<(id + 1) * width { parameters.tables[table].values[index] = 0 }
            }
        }
    }
}
