public import Samples

/// Turns prediction batches into an Arrow stream.
///
/// Columns: `user`, `time`, `label`, `part`, `group`, `item`, `train_samples`, `train_positives`, `item_seen`, `kept`, `held_out`
/// where the schema marks it, then `logit_<arm>` for each arm. Global CTR, seed, number of users and fingerprints stand in the stream's metadata.
public struct PredictionStreamEncoder: StreamEncoder {
    /// Writes the Arrow batches that `arrowBatch` makes.
    public let arrow: ArrowStreamEncoder

    /// An encoder for batches of `schema`.
    public init(schema: PredictionSchema) {
        var fields = [
            ArrowField(name: "user", type: schema.userKind.arrowType),
            ArrowField(name: "time", type: .timestamp(.millisecond, timezone: "UTC")),
            ArrowField(name: "label", type: .float32),
            ArrowField(name: "part", type: Part.arrowType),
            ArrowField(name: "group", type: .integer(.int64), isNullable: true),
            ArrowField(name: "item", type: .integer(.uint32)),
            ArrowField(name: "train_samples", type: .integer(.uint32)),
            ArrowField(name: "train_positives", type: .integer(.uint32)),
            ArrowField(name: "item_seen", type: .bool),
            ArrowField(name: "kept", type: .bool),
        ]
        if schema.marksHeldOut { fields.append(ArrowField(name: StreamNotes.heldOut, type: .bool)) }
        fields += schema.arms.map { ArrowField(name: StreamNotes.logit + $0, type: .float64) }
        var notes = [
            StreamNotes.stream: StreamNotes.predictions, StreamNotes.format: StreamNotes.currentFormat,
            StreamNotes.globalCTR: schema.globalCTR.description, StreamNotes.seed: String(schema.seed),
            StreamNotes.users: String(schema.users),
        ]
        for (name, fingerprint) in schema.fingerprints { notes[StreamNotes.fingerprint + name] = fingerprint }
        arrow = ArrowStreamEncoder(
            schema: ArrowSchema(fields: fields, metadata: notes), dictionaries: [3: Part.arrowNames])
    }

    /// The batch as columns of the stream.
    public func arrowBatch(_ batch: PredictionBatch) -> ArrowBatch {
        let groups =
            batch.groups.map { ArrowColumn(.int64($0)) }
            ?? ArrowColumn(
                .int64([Int64](repeating: 0, count: batch.count)),
                validity: [Bool](repeating: false, count: batch.count))
        var columns = [
            batch.users.arrowColumn, ArrowColumn(.int64(batch.times)), ArrowColumn(.float32(batch.labels)),
            Part.arrowColumn(batch.parts), groups, ArrowColumn(.uint32(batch.items)),
            ArrowColumn(.uint32(batch.trainSamples)), ArrowColumn(.uint32(batch.trainPositives)),
            ArrowColumn(.bool(batch.itemSeen)), ArrowColumn(.bool(batch.kept)),
        ]
        if let heldOut = batch.heldOut { columns.append(ArrowColumn(.bool(heldOut))) }
        columns += batch.logits.map { ArrowColumn(.float64($0)) }
        return ArrowBatch(arrow.schema, columns: columns, count: batch.count)
    }
}
