import CFieldSplit
import Samples

/// A log's rows that list impressions, taken apart: a record for each pair of an item and its label.
///
/// The new records' fields are ranges of the same bytes. First come the pair's two columns, then the wanted columns of the
/// log in their order, and no others: a row of a million fields and as many pairs stays in bounds.
struct ImpressionRows {
    /// The pairs' columns of the new records, before all others.
    static let itemColumn = 0
    static let labelColumn = 1
    static let columnCount = 2

    /// For each record the number of its row, from 0 at the chunk's first; rows that were refused are counted, too.
    private(set) var rows: [Int32] = []
    /// For each column of the new records that of the log.
    let logColumns: [Int]
    /// The columns that are a row's own, which are repeated for each pair.
    private let repeatedColumns: [Int]
    /// What the fields of these columns come to in all records, those that were removed counted, too.
    private var repeatedBytes = 0

    /// Most bytes that a row's own fields may come to when they are repeated for each pair.
    static let mostRepeatedBytes = 8 << 20
    /// How much of a log is taken apart at once, so that all samples of it fit well in memory: with rows of the longest
    /// lists they hold some 12 million ids.
    static let pieceBytes = 32 << 10
    /// Most such bytes a batch, if it has several samples.
    private static let mostBatchBytes = 8 << 20

    /// Takes a block's rows apart; those whose list cannot be read become faults. `places` are those of the wanted columns
    /// in the log's records.
    init(expanding block: inout RecordBlock, list: ImpressionPairs, places: [Int]) {
        let log = block
        let listPlace = places[list.place]
        logColumns = Array(repeating: listPlace, count: Self.columnCount) + places
        repeatedColumns = list.repeatedColumns
        var records: [RecordBlock.Record] = []
        var fields: [RecordBlock.Field] = []
        records.reserveCapacity(log.count)
        fields.reserveCapacity(log.count * logColumns.count)
        let bytes = log.bytes.span
        let isASCII = log.isASCII
        var refused = 0
        for record in 0..<log.count {
            while refused < log.faults.count && log.faults[refused].line < Int(log.records[record].line) {
                refused += 1
            }
            let first = records.count
            let range = log.range(record, listPlace)
            var pairs = list.pairs(in: range)
            var fault: String?
            while fault == nil, let pair = pairs.next(in: bytes) {
                guard let item = list.item(of: pair, in: bytes), isASCII || bytes.extracting(item).isUTF8 else {
                    fault = list.fault(FieldText.quoted(log.bytes[pair]))
                    break
                }
                records.append(log.records[record])
                rows.append(Int32(truncatingIfNeeded: record + refused))
                fields.append(Self.field(item))
                fields.append(Self.field((pair.upperBound - 1)..<pair.upperBound))
                for place in places { fields.append(log.fields[record * log.columnCount + place]) }
            }
            let pairCount = records.count - first
            let rowBytes = repeatedColumns.reduce(0) { $0 + log.range(record, logColumns[$1]).count }
            if fault == nil && pairCount > 1 && rowBytes > Self.mostRepeatedBytes / pairCount {
                fault =
                    "the row's fields, repeated for its \(pairCount) impressions, come to more than "
                    + "\(Self.mostRepeatedBytes >> 20) MiB"
            }
            if let fault {
                block.faults.append(log.fault(record, column: listPlace, fault))
                records.removeLast(records.count - first)
                rows.removeLast(rows.count - first)
                fields.removeLast(fields.count - first * logColumns.count)
            } else {
                repeatedBytes += rowBytes * pairCount
            }
        }
        block.records = records
        block.fields = fields
        block.columnCount = logColumns.count
    }

    /// The records of the same row from `record` on.
    func records(withRowOf record: Int) -> Range<Int> {
        record..<(rows[record...].firstIndex { $0 != rows[record] } ?? rows.count)
    }

    /// Takes records out, as the block does; their numbers rise.
    mutating func remove(_ records: [Int]) {
        var next = 0
        var kept = 0
        for record in rows.indices {
            if next < records.count && records[next] == record {
                next += 1
            } else {
                rows[kept] = rows[record]
                kept += 1
            }
        }
        rows.removeLast(rows.count - kept)
    }

    /// Where a batch that starts with `record` ends: after `mostRecords` at the latest, or before its fields are too long.
    func batchEnd(from record: Int, mostRecords: Int, of block: RecordBlock) -> Int {
        let end = min(record + mostRecords, block.count)
        if repeatedBytes <= Self.mostBatchBytes { return end }
        var byteCount = 0
        for next in record..<end {
            byteCount += repeatedColumns.reduce(0) { $0 + block.range(next, $1).count }
            if byteCount > Self.mostBatchBytes { return max(next, record + 1) }
        }
        return end
    }

    private static func field(_ range: Range<Int>) -> RecordBlock.Field {
        RecordBlock.Field(
            start: Int32(truncatingIfNeeded: range.lowerBound), end: Int32(truncatingIfNeeded: range.upperBound))
    }
}
