public import ByteStreams
public import Samples

/// Reads an Arrow stream of predictions, as `PredictionStreamEncoder` or a program of yours writes it.
///
/// Columns are found by their name; every column that starts with `logit_` is an arm, in column order. Text may be
/// `large_utf8` or `utf8_view`, and parts plain text. The column `held_out` may be missing; other columns are not looked at. Either
/// every row of the stream has a group or none has.
public final class PredictionStreamDecoder: StreamDecoder {
    /// What the batches hold.
    public let schema: PredictionSchema

    private let decoder: ArrowStreamDecoder
    private let columns: Columns
    private var rowsRead = 0
    private var hasGivenBatch = false
    /// Whether rows have groups; nil before the first row.
    private var hasGroups: Bool?

    /// Where in the Arrow batches each column stands.
    private struct Columns {
        let user, time, label, part, group, item, trainSamples, trainPositives, itemSeen, kept: Int
        let heldOut: Int?
        let logits: [Int]
    }

    /// Reads the schema from a stream that was just opened.
    public init(_ decoder: ArrowStreamDecoder) throws(StageError) {
        self.decoder = decoder
        let stream = try StreamSchema(decoder, contents: StreamNotes.predictions)
        let fields = stream.schema.fields
        let logits = fields.indices.filter { fields[$0].name.hasPrefix(StreamNotes.logit) }
        for index in logits { try stream.check(index, .exactly(.float64)) }
        let heldOut = fields.firstIndex { $0.name == StreamNotes.heldOut }
        if let heldOut { try stream.check(heldOut, .exactly(.bool)) }
        columns = Columns(
            user: try stream.column("user", .key),
            time: try stream.column("time", .time),
            label: try stream.column("label", .exactly(.float32)),
            part: try stream.column("part", .part),
            group: try stream.column("group", .exactly(.integer(.int64))),
            item: try stream.column("item", .exactly(.integer(.uint32))),
            trainSamples: try stream.column("train_samples", .exactly(.integer(.uint32))),
            trainPositives: try stream.column("train_positives", .exactly(.integer(.uint32))),
            itemSeen: try stream.column("item_seen", .exactly(.bool)),
            kept: try stream.column("kept", .exactly(.bool)),
            heldOut: heldOut,
            logits: logits)
        let globalCTR = try stream.note(StreamNotes.globalCTR, as: Double.self)
        guard globalCTR >= 0, globalCTR <= 1 else {
            throw stream.fault("the stream's `\(StreamNotes.globalCTR)` is \(globalCTR), which is no share")
        }
        let users = try stream.note(StreamNotes.users, as: Int.self)
        guard users >= 0 else { throw stream.fault("the stream's `\(StreamNotes.users)` is \(users)") }
        var fingerprints: [String: String] = [:]
        for (key, value) in stream.schema.metadata where key.hasPrefix(StreamNotes.fingerprint) {
            fingerprints[String(key.dropFirst(StreamNotes.fingerprint.count))] = value
        }
        schema = PredictionSchema(
            userKind: fields[columns.user].type.isText ? .text : .integer,
            arms: logits.map { String(fields[$0].name.dropFirst(StreamNotes.logit.count)) },
            globalCTR: globalCTR, seed: try stream.note(StreamNotes.seed, as: UInt64.self), users: users,
            fingerprints: fingerprints, marksHeldOut: heldOut != nil)
    }

    /// Reads the schema from `file`.
    public convenience init(_ file: InputFile) throws(StageError) {
        try self.init(ArrowStreamDecoder(file))
    }

    /// The next batch; nil after the last. The first call gives a batch, without rows if the stream has none.
    public func nextBatch() throws(StageError) -> PredictionBatch? {
        var predictions = PredictionBatch(schema)
        guard let batch = try decoder.nextBatch() else {
            if hasGivenBatch { return nil }
            hasGivenBatch = true
            return predictions
        }
        let checked = StreamColumns(batch, rowsBefore: rowsRead, at: decoder.position)
        predictions.users = try checked.keys(columns.user)
        predictions.times = try checked.int64s(columns.time)
        predictions.labels = try checked.labels(columns.label)
        predictions.parts = try checked.parts(columns.part)
        predictions.groups = try groups(checked, count: batch.count)
        predictions.items = try checked.uint32s(columns.item)
        predictions.trainSamples = try checked.uint32s(columns.trainSamples)
        predictions.trainPositives = try checked.uint32s(columns.trainPositives)
        predictions.itemSeen = try checked.bools(columns.itemSeen)
        predictions.kept = try checked.bools(columns.kept)
        if let index = columns.heldOut { predictions.heldOut = try checked.bools(index) }
        for (arm, index) in columns.logits.enumerated() { predictions.logits[arm] = try checked.doubles(index) }
        rowsRead += batch.count
        hasGivenBatch = true
        return predictions
    }

    /// The groups of a batch; the stream's first row decides whether there are any.
    private func groups(_ checked: StreamColumns, count: Int) throws(StageError) -> [Int64]? {
        guard count > 0 else { return nil }
        let hasGroups = hasGroups ?? !checked.isNull(columns.group, row: 0)
        self.hasGroups = hasGroups
        if hasGroups { return try checked.int64s(columns.group) }
        try checked.requireNulls(columns.group)
        return nil
    }
}
