import Samples

/// Turns records of the log into samples, column by column, a slice of rows at a time.
struct BatchBuilder {
    /// Where a feature's values come from.
    private enum FeatureSource {
        /// A column of the log and the encoder with this index.
        case log(name: String, encoder: Int)
        /// The rows found by the lookup and the joined feature with these indices.
        case table(lookup: Int, feature: Int)
    }

    /// Rows of a side table found by a column of the log; features that join alike share one.
    private struct Lookup {
        var table: SideTable
        var on: String
        var rows: [Int32] = []
    }

    /// Rows in the batch so far.
    private(set) var count = 0

    private let settings: IngestSettings
    private let schema: SampleSchema
    private let timeParser: TimeParser
    private let labelTest: LabelTest
    private let features: [FeatureSource]
    private var encoders: [FeatureEncoder] = []
    private var joined: [JoinedFeature] = []
    private var lookups: [Lookup] = []
    private var places = Places()
    private var integerUsers: [Int64] = []
    private var textUsers = TextColumn()
    private var times: [Int64] = []
    private var labels: [Float] = []

    /// Where the columns stand in the current stream.
    private struct Places {
        var user = 0
        var time = 0
        var label = 0
        var encoders: [Int] = []
        var lookups: [Int] = []
    }

    /// A builder; `tables` holds every side table that a feature joins. Throws what is wrong with the time's format or zone.
    init(_ settings: IngestSettings, tables: [SideTable.Reference: SideTable]) throws(StageError) {
        self.settings = settings
        timeParser = try TimeParser(settings.roles.time)
        schema = settings.schema
        labelTest = LabelTest(settings.roles.label)
        var features: [FeatureSource] = []
        var joins: [IngestSettings.FeatureSetting.Join] = []
        for feature in settings.allFeatures {
            guard let join = feature.join else {
                features.append(.log(name: feature.column, encoder: encoders.count))
                encoders.append(FeatureEncoder(feature))
                continue
            }
            guard let table = tables[SideTable.Reference(source: join.source, key: join.key)],
                let column = table.columns[feature.name]
            else { preconditionFailure("side tables are read before the log") }
            if !joins.contains(join) {
                joins.append(join)
                lookups.append(Lookup(table: table, on: join.on))
            }
            features.append(.table(lookup: joins.firstIndex(of: join) ?? 0, feature: joined.count))
            joined.append(JoinedFeature(feature, from: column))
        }
        self.features = features
    }

    /// Finds the columns of a stream that begins.
    mutating func begin(_ columns: ColumnNames, at position: SourcePosition) throws(StageError) {
        places.user = try columns.index(of: settings.roles.user, at: position)
        places.time = try columns.index(of: settings.roles.time.column, at: position)
        places.label = try columns.index(of: settings.roles.label.column, at: position)
        places.encoders = []
        places.lookups = []
        for case .log(let name, _) in features {
            places.encoders.append(try columns.index(of: name, at: position))
        }
        for lookup in lookups {
            places.lookups.append(try columns.index(of: lookup.on, at: position))
        }
    }

    /// Appends the samples of `rows`. Throws `data` for the first row that makes none.
    mutating func append(_ rows: Range<Int>, of block: RecordBlock, isASCII: Bool) throws(StageError) {
        var fault = appendUsers(rows, of: block, isASCII: isASCII)
        fault = RowFault.first(fault, appendTimes(rows, of: block))
        fault = RowFault.first(fault, appendLabels(rows, of: block))
        for (slot, index) in places.encoders.enumerated() {
            fault = RowFault.first(fault, encoders[slot].parse(rows, of: block, at: index, isASCII: isASCII))
        }
        if let fault { throw fault.error(in: block) }
        for (slot, index) in places.encoders.enumerated() {
            encoders[slot].encode(rows, of: block, at: index)
            if encoders[slot].isNearlyFull {
                throw StageError(
                    .data, "the keys of one feature take more than 2 GiB", at: block.position(rows.lowerBound),
                    advice: "encode it by hash")
            }
        }
        for slot in lookups.indices { look(up: slot, rows, of: block) }
        for case .table(let lookup, let feature) in features {
            joined[feature].append(lookups[lookup].rows)
        }
        count += rows.count
    }

    /// Bytes held in the batch so far.
    var byteCount: Int {
        textUsers.byteCount + count * 20 + encoders.reduce(0) { $0 + $1.byteCount }
            + joined.reduce(0) { $0 + $1.byteCount }
    }

    /// The batch so far; the next starts empty.
    mutating func take() -> SampleBatch {
        var columns: [FeatureColumn] = []
        for feature in features {
            switch feature {
            case .log(_, let encoder): columns.append(encoders[encoder].take())
            case .table(_, let feature): columns.append(joined[feature].take())
            }
        }
        let users: KeyColumn =
            switch settings.userKind {
            case .integer: .integers(integerUsers)
            case .text: .text(textUsers)
            }
        let batch = SampleBatch(schema, users: users, times: times, labels: labels, features: columns)
        textUsers = TextColumn()
        integerUsers = []
        times = []
        labels = []
        integerUsers.reserveCapacity(count)
        times.reserveCapacity(count)
        labels.reserveCapacity(count)
        count = 0
        return batch
    }

    /// The vocabularies of all dictionary features, in the schema's order.
    var vocabularies: [Vocabulary] {
        features.compactMap { feature in
            switch feature {
            case .log(_, let encoder): encoders[encoder].vocabulary
            case .table(_, let feature): joined[feature].vocabulary
            }
        }
    }

    /// Rows without a partner, by joined feature.
    var joinMisses: [String: Int] {
        var misses: [String: Int] = [:]
        for (feature, source) in zip(schema.features, features) {
            if case .table(_, let index) = source { misses[feature.name] = joined[index].missCount }
        }
        return misses
    }

    private mutating func appendUsers(_ rows: Range<Int>, of block: RecordBlock, isASCII: Bool) -> RowFault? {
        let bytes = block.bytes.span
        let index = places.user
        switch settings.userKind {
        case .integer:
            for row in rows {
                guard let key = Int64(decimal: bytes.extracting(block.range(row, index))) else {
                    return RowFault(
                        block, row, index, settings.roles.user, mustBe: "an integer",
                        advice: "; set the user's kind to text if keys are text")
                }
                integerUsers.append(key)
            }
        case .text:
            for row in rows {
                let range = block.range(row, index)
                guard !range.isEmpty, isASCII || bytes.extracting(range).isUTF8 else {
                    return RowFault(block, row, index, settings.roles.user, mustBe: "UTF-8 text")
                }
                textUsers.append(utf8: block.bytes[range])
            }
        }
        return nil
    }

    private mutating func appendTimes(_ rows: Range<Int>, of block: RecordBlock) -> RowFault? {
        let bytes = block.bytes.span
        let parser = timeParser
        for row in rows {
            guard let value = parser.milliseconds(bytes.extracting(block.range(row, places.time))) else {
                return RowFault(
                    block, row, places.time, settings.roles.time.column, mustBe: parser.expectation)
            }
            times.append(value)
        }
        return nil
    }

    private mutating func appendLabels(_ rows: Range<Int>, of block: RecordBlock) -> RowFault? {
        let bytes = block.bytes.span
        for row in rows {
            guard let label = labelTest.label(bytes.extracting(block.range(row, places.label))) else {
                return RowFault(
                    block, row, places.label, settings.roles.label.column, mustBe: labelTest.expectation)
            }
            labels.append(label)
        }
        return nil
    }

    private mutating func look(up slot: Int, _ rows: Range<Int>, of block: RecordBlock) {
        let bytes = block.bytes.span
        lookups[slot].rows.removeAll(keepingCapacity: true)
        for row in rows {
            let found = lookups[slot].table.row(of: bytes.extracting(block.range(row, places.lookups[slot])))
            lookups[slot].rows.append(found.map(Int32.init) ?? -1)
        }
    }
}
