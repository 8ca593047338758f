import CFieldSplit
import Samples

/// One worker's part: chunks of records in, typed columns out.
///
/// Each chunk is looked at twice: first every field of every row is checked, and rows with a bad one are taken out; then
/// keys get ids, so that a rejected row never leaves a key behind.
struct ChunkParser {
    private let settings: IngestSettings
    private let schema: SampleSchema
    private let wanted: WantedColumns
    private let worker: Int
    private let timeParser: TimeParser
    private let labelTest: LabelTest
    /// Where each row lists impressions.
    private let pairs: ImpressionPairs?
    /// Where another log holds the clicks.
    private var clicks: ClickLabels?
    /// Bad fields of the slice that is looked at.
    private var found: [FieldFault] = []
    /// Rows looked at so far, as often as each was.
    private(set) var checkedRows = 0
    private let parser: BlockParser
    private var encoders: [FeatureEncoder]
    private var joined: [JoinedColumn] = []
    /// Those of `joined` whose lists are gathered later.
    private var joinedLists: [ParsedBatch.JoinedLists] = []
    private let tables: [SideTable]
    private var lookupRows: [[Int32]]

    private let mostKeys: Int
    /// More bytes of keys than a worker remembers of one feature.
    private static let mostKeyBytes = 64 << 20
    /// Most ids that side tables add to one batch of several rows.
    private static let mostJoinedIDs = 4 << 20

    /// A worker; `tables` holds the side table of each of the wanted joins, `clicks` the click log, if there is one. A feature
    /// with more than `mostKeys` keys makes it forget all and start again, so that its memory stays bounded.
    init(
        _ settings: IngestSettings, tables: [SideTable], clicks: ClickTable? = nil, timeParser: TimeParser, worker: Int,
        mostKeys: Int = 1 << 18
    ) {
        self.settings = settings
        self.mostKeys = mostKeys
        self.tables = tables
        self.worker = worker
        schema = settings.schema
        wanted = WantedColumns(settings)
        self.timeParser = timeParser
        labelTest = LabelTest(settings.roles.label)
        pairs = ImpressionPairs(settings, wanted)
        self.clicks = clicks.map { [wanted] in ClickLabels($0, columns: wanted.clickKey) }
        guard let log = settings.source(settings.log) else { preconditionFailure("settings are validated") }
        parser = BlockParser(log, wanted: wanted.names, limits: settings.limits)
        encoders = settings.allFeatures.filter { $0.join == nil }.map(FeatureEncoder.init)
        for (index, feature) in settings.allFeatures.enumerated() {
            guard let join = feature.join, let lookup = wanted.joins.firstIndex(of: join),
                let values = tables[lookup].columns[feature.name]?.values
            else { continue }
            let column = JoinedColumn(values: values, lookup: lookup)
            joined.append(column)
            if let lists = column.lists {
                joinedLists.append(ParsedBatch.JoinedLists(feature: index, join: lookup, lists: lists))
            }
        }
        lookupRows = Array(repeating: [], count: wanted.joins.count)
    }

    /// What the chunk's rows come to.
    mutating func parse(_ chunk: LogChunk) -> ParsedChunk {
        var block = parser.records(of: chunk)
        var parsed = ParsedChunk(
            worker: worker, stream: chunk.stream, isFirst: chunk.isFirst, lineCount: block.lineCount,
            rejects: RejectList(of: chunk.stream))
        if encoders.contains(where: { $0.keyCount > mostKeys || $0.keyBytes > Self.mostKeyBytes }) {
            for index in encoders.indices { encoders[index].forgetKeys() }
            parsed.restartsKeys = true
        }
        let keyCounts = encoders.map(\.keyCount)
        let rowCount = block.count + block.faults.count
        var places = chunk.stream.places
        var impressions: ImpressionRows?
        if let pairs {
            impressions = ImpressionRows(expanding: &block, list: pairs, places: places)
            places = Array(0..<block.columnCount)
        }
        // Taken out, as there may be very many.
        var faults: [RecordFault] = []
        swap(&faults, &block.faults)
        let isASCII = block.isASCII
        parsed.missCounts = Array(repeating: 0, count: tables.count)
        var start = 0
        var mostRows = settings.batchRows
        while start < block.count {
            let slice = Slice(start, mostRows, of: block, impressions, places: places, isASCII: isASCII)
            let columns = check(slice, of: block)
            if found.isEmpty {
                look(up: slice, of: block)
                if slice.rows.count > 1 && joinedIDs > Self.mostJoinedIDs {
                    // Long lists must not carry a batch far beyond its usual bytes: try with fewer rows.
                    mostRows = slice.rows.count / 2
                    discardRows()
                    continue
                }
                for (join, rows) in lookupRows.enumerated() { parsed.missCounts[join] += rows.count { $0 < 0 } }
                parsed.clicks += columns.clicks
                let samples = encode(
                    slice, of: block, columns, groups: impressions?.rows[slice.rows].map(Int64.init))
                parsed.batches.append(
                    ParsedBatch(
                        samples: samples, joinedLists: joinedLists, tableRows: joinedLists.isEmpty ? [] : lookupRows))
                start = slice.rows.upperBound
            } else {
                // All that are bad from here on go at once: each removal moves the rows behind.
                var rows: [Int] = []
                takeFaults(of: block, impressions, rows: &rows, into: &faults)
                var next = slice.rows.upperBound
                while next < block.count {
                    let slice = Slice(next, mostRows, of: block, impressions, places: places, isASCII: isASCII)
                    _ = check(slice, of: block)
                    takeFaults(of: block, impressions, rows: &rows, into: &faults)
                    next = slice.rows.upperBound
                }
                impressions?.remove(rows)
                block.remove(rows)
            }
        }
        faults.sort { $0.line < $1.line }
        parsed.rejects = RejectList(faults, in: block, of: chunk.stream)
        parsed.rowsKept = rowCount - faults.count
        parsed.newKeys = zip(encoders, keyCounts).map { $0.keys(from: $1) }
        return parsed
    }

    /// Rows that become one batch.
    private struct Slice {
        var rows: Range<Int>
        /// Places of the wanted columns in the block's fields.
        var places: [Int]
        var isASCII: Bool

        /// At most `mostRows` from `start` on.
        init(
            _ start: Int, _ mostRows: Int, of block: RecordBlock, _ impressions: ImpressionRows?, places: [Int],
            isASCII: Bool
        ) {
            let end =
                impressions?.batchEnd(from: start, mostRecords: mostRows, of: block)
                ?? min(start + mostRows, block.count)
            rows = start..<end
            self.places = places
            self.isASCII = isASCII
        }
    }

    /// What a batch holds besides features.
    private struct Columns {
        var users: KeyColumn
        var times: [Int64]
        var labels: [Float]
        /// The clicks that they are from, where another log holds them.
        var clicks: [Range<UInt32>] = []
    }

    /// Reads what is no key and checks what is; bad fields go to `found`.
    private mutating func check(_ slice: Slice, of block: RecordBlock) -> Columns {
        checkedRows += slice.rows.count
        found = []
        let times = times(slice, of: block)
        var columns = Columns(users: users(slice, of: block), times: times, labels: [])
        if let found = clicks?.labels(slice.rows, of: block, at: slice.places, times: times) {
            (columns.labels, columns.clicks) = found
        } else {
            columns.labels = labels(slice, of: block)
        }
        for (index, encoder) in encoders.indices.enumerated() {
            encoders[encoder].check(
                slice.rows, of: block, at: slice.places[wanted.features[index]], isASCII: slice.isASCII, into: &found)
        }
        return columns
    }

    /// Lets go of the slice that was checked: each bad row's first bad field goes to `faults`, its records to `rows`.
    private mutating func takeFaults(
        of block: RecordBlock, _ impressions: ImpressionRows?, rows: inout [Int], into faults: inout [RecordFault]
    ) {
        found.sort { ($0.row, $0.column) < ($1.row, $1.column) }
        for fault in found where fault.row > rows.last ?? -1 {
            var rowFault = block.fault(fault.row, column: fault.column, fault.message)
            if let impressions { rowFault.column = impressions.logColumns[fault.column] }
            faults.append(rowFault)
            rows += impressions?.records(withRowOf: fault.row) ?? fault.row..<(fault.row + 1)
        }
        discardRows()
    }

    private mutating func discardRows() {
        for index in encoders.indices { encoders[index].discardRows() }
    }

    /// Finds the side tables' rows of a slice.
    private mutating func look(up slice: Slice, of block: RecordBlock) {
        let bytes = block.bytes.span
        for lookup in tables.indices {
            let place = slice.places[wanted.lookups[lookup]]
            lookupRows[lookup].removeAll(keepingCapacity: true)
            for row in slice.rows {
                let found = tables[lookup].row(of: bytes.extracting(block.range(row, place)))
                lookupRows[lookup].append(found.map { Int32(truncatingIfNeeded: $0) } ?? -1)
            }
        }
    }

    /// How many ids the rows found bring along.
    private var joinedIDs: Int { joined.reduce(0) { $0 + $1.valueCount(lookupRows[$1.lookup]) } }

    private mutating func encode(
        _ slice: Slice, of block: RecordBlock, _ columns: Columns, groups: [Int64]?
    ) -> SampleBatch {
        for index in encoders.indices {
            encoders[index].encode(slice.rows, of: block, at: slice.places[wanted.features[index]])
        }
        var features: [FeatureColumn] = []
        var (nextEncoder, nextJoined) = (0, 0)
        for feature in settings.allFeatures {
            if feature.join == nil {
                features.append(encoders[nextEncoder].take())
                nextEncoder += 1
            } else {
                let column = joined[nextJoined]
                features.append(column.values(lookupRows[column.lookup]))
                nextJoined += 1
            }
        }
        return SampleBatch(
            schema, users: columns.users, times: columns.times, labels: columns.labels, groups: groups,
            features: features)
    }

    private mutating func users(_ slice: Slice, of block: RecordBlock) -> KeyColumn {
        let bytes = block.bytes.span
        let place = slice.places[wanted.user]
        switch settings.userKind {
        case .integer:
            let name = settings.roles.user
            return .integers(
                Self.column(slice, of: block, at: place, faults: &found) {
                    Int64(decimal: $0, in: $1)
                } fault: { row in
                    FieldFault(
                        block, row, place, name, mustBe: "an integer",
                        advice: "; set the user's kind to text if keys are text")
                })
        case .text:
            var keys = TextColumn()
            for row in slice.rows {
                let range = block.range(row, place)
                if range.isEmpty || !(slice.isASCII || bytes.extracting(range).isUTF8) {
                    found.append(FieldFault(block, row, place, settings.roles.user, mustBe: "UTF-8 text"))
                }
                keys.append(utf8: block.bytes[range])
            }
            return .text(keys)
        }
    }

    private mutating func times(_ slice: Slice, of block: RecordBlock) -> [Int64] {
        let place = slice.places[wanted.time]
        let (time, name) = (timeParser, settings.roles.time.column)
        return Self.column(slice, of: block, at: place, faults: &found) {
            time.milliseconds($0, in: $1)
        } fault: { row in
            FieldFault(block, row, place, name, mustBe: time.expectation)
        }
    }

    private mutating func labels(_ slice: Slice, of block: RecordBlock) -> [Float] {
        let place = slice.places[wanted.label]
        let (test, name) = (labelTest, settings.roles.label.columns[0])
        let isZeroOne = test.isZeroOne
        return Self.column(slice, of: block, at: place, faults: &found) { text, range in
            // Nearly every log that holds the label says it in one character.
            if isZeroOne && range.count == 1 && text[range.lowerBound] &- 0x30 <= 1 {
                return Float(text[range.lowerBound] &- 0x30)
            }
            return test.label(text.extracting(range))
        } fault: { row in
            FieldFault(block, row, place, name, mustBe: test.expectation)
        }
    }

    /// A slice's fields as values; those that are none become 0 and are found faulty.
    @inline(__always)
    private static func column<Value: Numeric>(
        _ slice: Slice, of block: RecordBlock, at place: Int, faults: inout [FieldFault],
        value: (Span<UInt8>, Range<Int>) -> Value?, fault: (Int) -> FieldFault
    ) -> [Value] {
        let bytes = block.bytes.span
        let fields = block.fields.span
        let columnCount = block.columnCount
        var faultyRows: [Int] = []
        let values = [Value](unsafeUninitializedCapacity: slice.rows.count) { values, count in
            // One value a turn, as many as there are rows.
            for row in slice.rows {
                let field = fields[row &* columnCount &+ place]
                let value = value(bytes, Int(field.start)..<Int(field.end))
                if value == nil { faultyRows.append(row) }
                values.initializeElement(at: count, to: value ?? 0)
                count &+= 1
            }
        }
        faults += faultyRows.map(fault)
        return values
    }
}
