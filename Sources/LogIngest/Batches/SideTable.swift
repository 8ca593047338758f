import ByteStreams
import Samples

/// A table that features are joined from, whole in memory: its keys, and of its columns those that features use.
struct SideTable: Sendable {
    /// A feature's column of the table. Ids count in the table's own order, by a dictionary of its own.
    struct Column: Sendable {
        var values: FeatureColumn
        /// The keys behind the ids; nil for hashed and dense features.
        var keys: TextColumn?
    }

    /// Most values of one key: a sample of a few bytes brings them all.
    static let mostValues = 1 << 20

    /// Row `i` has the key with id `i + 1`.
    private var keys = KeyDictionary()
    /// The columns, by feature name.
    private(set) var columns: [String: Column] = [:]

    /// Reads the table that `join` names to its end, with the columns that `features` use. Throws `data` for a row that
    /// cannot be read, and where a key stands twice though the join is 1:1; `refused` for a key with more than `mostValues` values.
    init(
        _ join: IngestSettings.FeatureSetting.Join, features: [IngestSettings.FeatureSetting],
        of settings: IngestSettings,
        cancellation: Cancellation, report: IngestReport
    ) throws(StageError) {
        guard let source = settings.source(join.source) else { preconditionFailure("settings are validated") }
        var reader = RecordReader(
            source, wanted: [join.key] + features.map(\.column), limits: settings.limits, cancellation: cancellation,
            report: report)
        var encoders = features.map(FeatureEncoder.init)
        /// The row of the joined table that each row of the file belongs to.
        var rowOfRecord: [Int32] = []
        while let block = try reader.next() {
            guard let places = reader.stream?.places else { continue }
            let rows = 0..<block.count
            var faults: [FieldFault] = []
            insertKeys(of: block, at: places[0], join, into: &faults, &rowOfRecord)
            for slot in encoders.indices {
                encoders[slot].check(rows, of: block, at: places[slot + 1], isASCII: false, into: &faults)
            }
            let found = faults.min { ($0.row, $0.column) < ($1.row, $1.column) }
            let fault = found.map { block.fault($0.row, column: $0.column, $0.message) }
            if let first = [block.faults.first, fault].compactMap(\.self).min(by: { $0.start < $1.start }) {
                throw reader.error(first, in: block)
            }
            for slot in encoders.indices { encoders[slot].encode(rows, of: block, at: places[slot + 1]) }
            if keys.isNearlyFull || encoders.contains(where: \.isNearlyFull) || rowOfRecord.count > 1 << 30 {
                throw StageError(
                    .environment, "the side table does not fit in memory", at: reader.stream?.position)
            }
        }
        for (slot, feature) in features.enumerated() {
            var values = encoders[slot].take()
            if case .multivalued(let lists) = values, join.rows == .many {
                let regrouped = Self.regroup(lists, by: rowOfRecord, count: keys.count)
                if let row = (0..<keys.count).first(where: { regrouped[$0].count > Self.mostValues }) {
                    throw StageError(
                        .refused,
                        "key \(FieldText.quoted(keys.keys.utf8(row))) has \(regrouped[row].count) values for feature "
                            + "`\(feature.name)`, more than \(Self.mostValues)", at: reader.stream?.position)
                }
                values = .multivalued(regrouped)
            }
            columns[feature.name] = Column(values: values, keys: encoders[slot].dictionary?.keys)
        }
    }

    /// Number of keys.
    var keyCount: Int { keys.count }

    /// The row with `key`; nil if there is none.
    @inline(__always)
    func row(of key: Span<UInt8>) -> Int? {
        let id = keys.find(key)
        return id == 0 ? nil : Int(id) - 1
    }

    private mutating func insertKeys(
        of block: RecordBlock, at place: Int, _ join: IngestSettings.FeatureSetting.Join,
        into faults: inout [FieldFault], _ rowOfRecord: inout [Int32]
    ) {
        let bytes = block.bytes.span
        for row in 0..<block.count {
            let before = keys.count
            let id = keys.id(of: bytes.extracting(block.range(row, place)))
            rowOfRecord.append(Int32(truncatingIfNeeded: id) - 1)
            if keys.count == before && join.rows == .one {
                faults.append(
                    FieldFault(
                        block, row, place, join.key, mustBe: "a key that stands in no earlier row",
                        advice: "; join with `rows: many` to take all of its rows"))
                return
            }
        }
    }

    /// All lists of each row, end to end, in the file's order.
    private static func regroup(_ lists: ListColumn, by rows: [Int32], count: Int) -> ListColumn {
        // `ends[i + 1]` counts row `i`'s ids, then becomes where the next of them goes, then where they end.
        var ends = [Int32](repeating: 0, count: count + 1)
        for (record, row) in rows.enumerated() {
            ends[Int(row) + 1] += lists.offsets[record + 1] - lists.offsets[record]
        }
        for row in 0..<count { ends[row + 1] += ends[row] }
        var next = ends
        var values = [UInt32](repeating: 0, count: lists.values.count)
        for (record, row) in rows.enumerated() {
            for id in lists[record] {
                values[Int(next[Int(row)])] = id
                next[Int(row)] += 1
            }
        }
        return ListColumn(offsets: ends, values: values)
    }
}
