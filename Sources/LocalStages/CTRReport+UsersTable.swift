import ArrowStream
public import ByteStreams
import LabelCorrection
public import Samples
public import UserPartition

extension CTRReport {
    /// Writes a line of CSV for each user of the store that this was measured on, in its order:
    /// `user,train_samples,train_positives,local_ctr,drift`, the last two empty without train samples. Does not publish.
    ///
    /// Reads the store's index, not its samples, and holds some thousand users. Throws `data` where the index does not count what
    /// was measured.
    public func writeUsersTable(of store: PartitionStore, to sink: ByteSink) async throws(StageError) {
        let table = UsersTable(userKind: store.schema.userKind, globalCTR: globalCTR)
        try await sink.write(table.start)
        var tally = CTRTally()
        for try await users in store.indexBatches() {
            if Task.isCancelled { throw .cancelled }
            for user in 0..<users.count {
                try tally.add(
                    ClickCounts(samples: Int(users.trainSamples[user]), positives: Int(users.trainPositives[user])))
            }
            try await sink.write(table.lines(users))
        }
        if Task.isCancelled { throw .cancelled }
        guard case .users(tally, _) = origin else {
            throw StageError(
                .data, "the store's index counts other train samples than its users have",
                at: SourcePosition(file: store.path), advice: "make the store again")
        }
    }
}

/// Lines of the users' table.
private struct UsersTable {
    private static func schema(_ kind: KeyColumn.Kind) -> ArrowSchema {
        ArrowSchema(fields: [
            ArrowField(name: "user", type: kind == .integer ? .integer(.int64) : .utf8),
            ArrowField(name: "train_samples", type: .integer(.uint32)),
            ArrowField(name: "train_positives", type: .integer(.uint32)),
            ArrowField(name: "local_ctr", type: .float64), ArrowField(name: "drift", type: .float64),
        ])
    }

    private let globalCTR: GlobalCTR
    private let arrow: ArrowSchema
    private let encoder: ArrowTextEncoder

    init(userKind: KeyColumn.Kind, globalCTR: GlobalCTR) {
        self.globalCTR = globalCTR
        arrow = Self.schema(userKind)
        encoder = ArrowTextEncoder(schema: arrow, style: .csv)
    }

    /// The header.
    var start: [UInt8] { encoder.start() }

    /// A line for each of some users.
    func lines(_ users: UserIndex) -> [UInt8] {
        let locals = zip(users.trainSamples, users.trainPositives).map { samples, positives in
            samples > 0 ? Double(positives) / Double(samples) : 0
        }
        let hasTrain = users.trainSamples.map { $0 > 0 }
        let keys: ArrowColumn.Values =
            switch users.users {
            case .integers(let values): .int64(values)
            case .text(let values): .text(values)
            }
        return encoder.encode(
            ArrowBatch(
                arrow,
                columns: [
                    ArrowColumn(keys), ArrowColumn(.uint32(users.trainSamples)),
                    ArrowColumn(.uint32(users.trainPositives)), ArrowColumn(.float64(locals), validity: hasTrain),
                    ArrowColumn(.float64(locals.map(globalCTR.drift)), validity: hasTrain),
                ], count: users.count))
    }
}
