import ByteStreams
import Samples

/// Where rows lie in a scratch file: column after column.
struct SpilledRows: Sendable {
    private let offset: Int
    private let hasUsers: Bool
    /// Number of rows.
    let count: Int
    /// Ids in each column's lists; 0 for columns of other kinds.
    private let ids: [Int]

    /// Writes `rows` at the end of `file`.
    init(_ rows: SampleColumns, to file: ScratchFile) throws(StageError) {
        offset = file.size
        count = rows.count
        hasUsers = !rows.users.isEmpty
        try file.append(rows.labels[...])
        try file.append(rows.users[...])
        var ids: [Int] = []
        for column in rows.columns {
            switch column {
            case .categorical(let values):
                try file.append(values[...])
                ids.append(0)
            case .dense(let values):
                try file.append(values[...])
                ids.append(0)
            case .multivalued(let lists):
                try file.append(lists.offsets.dropFirst())
                try file.append(lists.values[...])
                ids.append(lists.values.count)
            }
        }
        self.ids = ids
    }

    /// Reads pieces that were written one by one, end to end, into columns that are allocated once.
    static func read(
        _ pieces: [SpilledRows], kinds: [SampleSchema.Kind], from file: ScratchFile
    ) throws(StageError) -> SampleColumns {
        var places = pieces.map(\.offset)
        let total = pieces.reduce(0) { $0 + $1.count }
        func next<Element: BitwiseCopyable>(
            _ zero: Element, counts: [Int], after first: Int = 0
        ) throws(StageError) -> [Element] {
            var values = [Element](repeating: zero, count: first + counts.reduce(0, +))
            var start = first
            for (piece, count) in counts.enumerated() {
                try file.read(into: &values, start..<start + count, at: places[piece])
                places[piece] += count * MemoryLayout<Element>.size
                start += count
            }
            return values
        }
        let counts = pieces.map(\.count)
        let labels = try next(Float(0), counts: counts)
        let users = try next(UInt32(0), counts: pieces.map { $0.hasUsers ? $0.count : 0 })
        var columns: [FeatureColumn] = []
        for (index, kind) in kinds.enumerated() {
            switch kind {
            case .categorical: columns.append(.categorical(try next(UInt32(0), counts: counts)))
            case .dense: columns.append(.dense(try next(Float(0), counts: counts)))
            case .multivalued:
                let lengths = pieces.map { $0.ids[index] }
                guard lengths.reduce(0, +) <= SampleBatch.columnLimit else {
                    throw StageError(.data, "lists of samples that are trained on together hold too many ids")
                }
                var offsets = try next(Int32(0), counts: counts, after: 1)
                var (row, base) = (1, Int32(0))
                for (piece, count) in counts.enumerated() {
                    for place in row..<row + count { offsets[place] += base }
                    row += count
                    base += Int32(lengths[piece])
                }
                columns.append(
                    .multivalued(ListColumn(offsets: offsets, values: try next(UInt32(0), counts: lengths))))
            }
        }
        precondition(labels.count == total)
        return SampleColumns(labels: labels, users: users, columns: columns)
    }
}
