import ArrowStream
import Samples

/// The index as the Arrow stream `index.arrows`.
extension UserIndex {
    static func schema(_ kind: KeyColumn.Kind) -> ArrowSchema {
        ArrowSchema(fields: [
            ArrowField(name: "user", type: kind == .integer ? .integer(.int64) : .utf8),
            ArrowField(name: "bucket", type: .integer(.uint32)),
            ArrowField(name: "first_row", type: .integer(.uint64)),
            ArrowField(name: "byte_offset", type: .integer(.uint64)),
            ArrowField(name: "train", type: .integer(.uint32)),
            ArrowField(name: "validation", type: .integer(.uint32)),
            ArrowField(name: "test", type: .integer(.uint32)),
            ArrowField(name: "train_positives", type: .integer(.uint32)),
            ArrowField(name: "held_out", type: .bool),
        ])
    }

    /// The users as one batch.
    var batch: ArrowBatch {
        let keys: ArrowColumn.Values =
            switch users {
            case .integers(let values): .int64(values)
            case .text(let values): .text(values)
            }
        let columns: [ArrowColumn.Values] = [
            keys, .uint32(buckets), .uint64(firstRows), .uint64(byteOffsets), .uint32(trainSamples),
            .uint32(validationSamples), .uint32(testSamples), .uint32(trainPositives), .bool(areHeldOut),
        ]
        return ArrowBatch(
            Self.schema(users.kind), columns: columns.map { ArrowColumn($0) }, count: count)
    }

    /// The users of one batch; nil if it is not as `batch` makes them.
    init?(_ batch: ArrowBatch, kind: KeyColumn.Kind) {
        guard batch.schema.fields == Self.schema(kind).fields, batch.columns.allSatisfy({ $0.validity == nil }) else {
            return nil
        }
        let columns = batch.columns.map(\.values)
        self.init(kind)
        switch (kind, columns[0]) {
        case (.integer, .int64(let values)): users = .integers(values)
        case (.text, .text(let values)): users = .text(values)
        default: return nil
        }
        guard case .uint32(let buckets) = columns[1], case .uint64(let firstRows) = columns[2],
            case .uint64(let byteOffsets) = columns[3], case .uint32(let train) = columns[4],
            case .uint32(let validation) = columns[5], case .uint32(let test) = columns[6],
            case .uint32(let positives) = columns[7], case .bool(let areHeldOut) = columns[8]
        else { return nil }
        self.buckets = buckets
        self.firstRows = firstRows
        self.byteOffsets = byteOffsets
        trainSamples = train
        validationSamples = validation
        testSamples = test
        trainPositives = positives
        self.areHeldOut = areHeldOut
    }
}
