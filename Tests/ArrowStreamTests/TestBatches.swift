import ArrowStream
import Samples

/// Small batches that touch every case, and streams of them.
enum TestBatches {
    static let sampleSchema = SampleSchema(
        userKind: .text,
        features: [
            .init(name: "genres", kind: .multivalued, encoding: .hash(size: 100)),
            .init(name: "item", kind: .categorical, encoding: .dictionary),
            .init(name: "age", kind: .dense, encoding: nil),
        ], item: 1)

    static var samples: SampleBatch {
        var genres = ListColumn()
        for ids: [UInt32] in [[], [1, 2], [], [], [7, 100]] { genres.append(ids) }
        return SampleBatch(
            sampleSchema, users: .text(TextColumn(["a", "a", "ü€😀", "", "q\"x,\n"])),
            times: [0, -1, 1_700_000_000_123, .min, .max], labels: [0, 1, 0, 1, 1],
            correctedLabels: [0.25, 0.1, 1, 0, 3.5e-8], parts: [.train, .validation, .test, .train, .test],
            features: [
                .multivalued(genres), .categorical([1, 2, 3, 4, .max]), .dense([0.1, -0.0, 1e20, 3, .infinity]),
            ], continuesUser: true)
    }

    /// The samples in impression lists.
    static var groupedSamples: SampleBatch {
        var schema = sampleSchema
        schema.hasGroups = true
        return SampleBatch(
            schema, users: samples.users, times: samples.times, labels: samples.labels,
            correctedLabels: samples.correctedLabels, parts: samples.parts, groups: [3, 3, .min, .max, 0],
            features: samples.features, continuesUser: samples.continuesUser)
    }

    static let predictionSchema = PredictionSchema(
        userKind: .integer, arms: ["cloud", "corrected_gated"], globalCTR: 0.1 + 0.2, seed: .max, users: 7,
        fingerprints: ["store": "ab12", "model": "cd34"])

    static func predictions(groups: [Int64]? = nil) -> PredictionBatch {
        var batch = PredictionBatch(predictionSchema)
        batch.users = .integers([1, 1, .min])
        batch.times = [1, 2, 3]
        batch.labels = [0, 1, 1]
        batch.parts = [.test, .test, .validation]
        batch.groups = groups
        batch.items = [0, 1, .max]
        batch.trainSamples = [4, 4, 9]
        batch.trainPositives = [1, 1, 0]
        batch.itemSeen = [true, false, true]
        batch.kept = [false, false, true]
        batch.logits = [[0.1, -2.5, 1e-300], [1, 2, -.infinity]]
        return batch
    }

    /// The same of a store with held-out users.
    static func markedPredictions() -> PredictionBatch {
        let plain = predictions()
        var schema = predictionSchema
        schema.marksHeldOut = true
        var batch = PredictionBatch(schema)
        batch.users = plain.users
        batch.times = plain.times
        batch.labels = plain.labels
        batch.parts = plain.parts
        batch.items = plain.items
        batch.trainSamples = plain.trainSamples
        batch.trainPositives = plain.trainPositives
        batch.itemSeen = plain.itemSeen
        batch.kept = plain.kept
        batch.heldOut = [true, true, false]
        batch.logits = plain.logits
        return batch
    }

    /// All types that are written, with nulls.
    static var everyType: ArrowBatch {
        let validity = [true, false, true]
        let words = ArrowColumn(.text(TextColumn(["é", "", "x"])), validity: validity)
        let columns: [(String, ArrowType, ArrowColumn.Values)] = [
            ("null", .null, .null(3)), ("bool", .bool, .bool([true, false, true])),
            ("int8", .integer(.int8), .int8([.min, 0, .max])), ("int16", .integer(.int16), .int16([.min, 0, .max])),
            ("int32", .integer(.int32), .int32([.min, 0, .max])), ("int64", .integer(.int64), .int64([.min, 0, .max])),
            ("uint8", .integer(.uint8), .uint8([0, 0, .max])), ("uint16", .integer(.uint16), .uint16([0, 0, .max])),
            ("uint32", .integer(.uint32), .uint32([0, 0, .max])), ("uint64", .integer(.uint64), .uint64([0, 0, .max])),
            ("float32", .float32, .float32([0.1, 0, .greatestFiniteMagnitude])),
            ("float64", .float64, .float64([0.1, 0, .leastNonzeroMagnitude])),
            ("utf8", .utf8, words.values), ("large", .largeUTF8, words.values),
            ("time", .timestamp(.nanosecond, timezone: "UTC"), .int64([1, 0, -1])),
            ("naive", .timestamp(.second, timezone: nil), .int64([1, 0, -1])),
            ("list", .list(.utf8), .list(offsets: [0, 2, 2, 3], items: words)),
            (
                "lists", .largeList(.list(.integer(.uint32))),
                .list(
                    offsets: [0, 1, 1, 2],
                    items: ArrowColumn(.list(offsets: [0, 2, 2], items: ArrowColumn(.uint32([5, 6])))))
            ),
            ("code", .dictionary(index: .int8, value: .utf8), .dictionary(indices: [2, 0, 0], values: words)),
            (
                "year", .dictionary(index: .uint16, value: .integer(.int64)),
                .dictionary(indices: [1, 0, 0], values: ArrowColumn(.int64([1999, 2000])))
            ),
        ]
        let schema = ArrowSchema(
            fields: columns.map {
                ArrowField(name: $0.0, type: $0.1, isNullable: true, metadata: ["of": $0.0, "é": "€"])
            }, metadata: ["b": "2", "a": ""])
        return ArrowBatch(
            schema,
            columns: columns.map { ArrowColumn($0.2, validity: $0.1 == .null ? nil : validity) },
            count: 3, metadata: ["note": "1"])
    }

    /// A text, a list and a dictionary column: small, but with every kind of message and buffer.
    static var fewTypes: ArrowBatch {
        let all = everyType
        let kept = all.schema.fields.indices.filter { ["utf8", "list", "code"].contains(all.schema.fields[$0].name) }
        return ArrowBatch(
            ArrowSchema(fields: kept.map { ArrowField(name: "x\($0)", type: all.schema.fields[$0].type) }),
            columns: kept.map { all.columns[$0] }, count: all.count)
    }

    static func encoder(for batch: ArrowBatch) -> ArrowStreamEncoder {
        var dictionaries: [Int: ArrowColumn] = [:]
        for (index, column) in batch.columns.enumerated() {
            if case .dictionary(_, let values) = column.values { dictionaries[index] = values }
        }
        return ArrowStreamEncoder(schema: batch.schema, dictionaries: dictionaries)
    }

    /// A whole stream of `batches`.
    static func stream(_ batches: [ArrowBatch]) -> [UInt8] {
        guard let first = batches.first else { return [] }
        let encoder = encoder(for: first)
        return encoder.start() + batches.flatMap { encoder.encode($0) } + encoder.end()
    }

    /// A whole stream of one batch of one column, `x`.
    static func stream(_ type: ArrowType, _ column: ArrowColumn) -> [UInt8] {
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: type, isNullable: true)])
        return stream([ArrowBatch(schema, columns: [column], count: column.count)])
    }

    /// Everything a stream holds.
    static func decode(_ bytes: [UInt8], name: String = "x.arrows") throws(StageError) -> [ArrowBatch] {
        let decoder = try ArrowStreamDecoder(name: name, bytes: bytes)
        var batches: [ArrowBatch] = []
        while let batch = try decoder.nextBatch() { batches.append(batch) }
        return batches
    }
}
