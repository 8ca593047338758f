import ArrowStream
import ByteStreams
import OrderedJSON
public import Samples

extension StudyCell {
    private static let validationKey = "plumb.validation"
    private static let testKey = "plumb.test"
    private static let divergedKey = "plumb.diverged"
    private static let heldOutName = "held_out"
    private static var counts: [(name: String, path: WritableKeyPath<EvaluatedUsers, [Int]>)] {
        [
            ("samples", \.samples), ("positives", \.positives), ("seen_samples", \.seenSamples),
            ("seen_positives", \.seenPositives), ("train_samples", \.trainSamples),
            ("train_positives", \.trainPositives), ("lists", \.lists),
        ]
    }
    private static var numbers: [(name: String, path: WritableKeyPath<EvaluatedUsers.Arm, [Double]>)] {
        [
            ("auc", \.auc), ("seen_auc", \.seenAUC), ("unseen_auc", \.unseenAUC), ("loss", \.loss),
            ("ndcg", \.ndcg), ("hits", \.hits), ("influence", \.influence),
        ]
    }

    /// The cell as an Arrow stream: a row for each user with test samples, columns `user`, counts, and numbers an arm, as
    /// `auc_cloud`, and `held_out` if there is such a user; both parts' metrics as JSON in the schema's metadata. Equal cells give
    /// equal bytes.
    public func arrowStream() -> [UInt8] {
        let users = test.users
        var fields = [ArrowField(name: "user", type: users.keys.kind == .integer ? .integer(.int64) : .utf8)]
        var columns: [ArrowColumn]
        switch users.keys {
        case .integers(let keys): columns = [ArrowColumn(.int64(keys))]
        case .text(let keys): columns = [ArrowColumn(.text(keys))]
        }
        for (name, path) in Self.counts {
            fields.append(ArrowField(name: name, type: .integer(.int64)))
            columns.append(ArrowColumn(.int64(users[keyPath: path].map(Int64.init))))
        }
        if users.areHeldOut.contains(true) {
            fields.append(ArrowField(name: Self.heldOutName, type: .bool))
            columns.append(ArrowColumn(.bool(users.areHeldOut)))
        }
        for arm in users.arms {
            for (name, path) in Self.numbers {
                fields.append(ArrowField(name: "\(name)_\(arm.name)", type: .float64))
                columns.append(ArrowColumn(.float64(arm[keyPath: path])))
            }
        }
        let schema = ArrowSchema(
            fields: fields,
            metadata: [
                Self.validationKey: String(decoding: validation.json(), as: UTF8.self),
                Self.testKey: String(decoding: test.metrics.json(), as: UTF8.self),
                Self.divergedKey: "\(diverged)",
            ])
        let encoder = ArrowStreamEncoder(schema: schema)
        return encoder.start() + encoder.encode(ArrowBatch(schema, columns: columns, count: users.count))
            + encoder.end()
    }

    /// A cell from its bytes.
    ///
    /// - Parameter name: the file, for errors.
    /// - Throws: `data` for what is no cell.
    public init(arrowStream bytes: [UInt8], name: String) throws(StageError) {
        func fault(_ text: String) -> StageError {
            StageError(.data, text, at: SourcePosition(file: name))
        }
        let decoder = try ArrowStreamDecoder(name: name, bytes: bytes)
        let notes = decoder.schema.metadata
        guard let validationText = notes[Self.validationKey], let testText = notes[Self.testKey],
            let diverged = notes[Self.divergedKey].flatMap(Int.init), diverged >= 0
        else { throw fault("says nothing of metrics or users") }
        validation = try RunMetrics(json: Array(validationText.utf8), name: name)
        let metrics = try RunMetrics(json: Array(testText.utf8), name: name)
        guard let batch = try decoder.nextBatch(), try decoder.nextBatch() == nil else {
            throw fault("does not hold one batch of users")
        }
        var found: [String: ArrowColumn.Values] = [:]
        for (field, column) in zip(batch.schema.fields, batch.columns) where column.validity == nil {
            found[field.name] = column.values
        }
        let keys: KeyColumn
        switch found["user"] {
        case .int64(let values): keys = .integers(values)
        case .text(let values): keys = .text(values)
        default: throw fault("has no column `user`")
        }
        var users = EvaluatedUsers(userKind: keys.kind, arms: metrics.arms.map(\.arm))
        users.keys = keys
        for (column, path) in Self.counts {
            guard case .int64(let values) = found[column], values.allSatisfy({ $0 >= 0 }) else {
                throw fault("has no column of counts `\(column)`")
            }
            users[keyPath: path] = values.map { Int($0) }
        }
        switch found[Self.heldOutName] {
        case .bool(let values): users.areHeldOut = values
        case nil: users.areHeldOut = users.samples.map { _ in false }
        default: throw fault("has a column `\(Self.heldOutName)` that does not hold booleans")
        }
        for arm in users.arms.indices {
            for (name, path) in Self.numbers {
                let column = "\(name)_\(users.arms[arm].name)"
                guard case .float64(let values) = found[column], values.allSatisfy(\.isFinite) else {
                    throw fault("has no column of numbers `\(column)`")
                }
                users.arms[arm][keyPath: path] = values
            }
        }
        guard users.areSound(for: metrics.scope) else { throw fault("its users are not those of its metrics") }
        test = EvaluatedRun(metrics: metrics, users: users)
        self.diverged = diverged
    }
}

extension EvaluatedUsers {
    /// Whether the numbers can be those of an evaluation of this scope: what is computed of them then stays within bounds.
    fileprivate func areSound(for scope: EvaluationScope) -> Bool {
        guard count == scope.users.total - scope.users.withoutRows, lists.count == count else { return false }
        var sums = (samples: 0, positives: 0)
        for user in 0..<count {
            let most = Int(UInt32.max)
            guard samples[user] > 0, samples[user] <= most, trainSamples[user] <= most, lists[user] <= samples[user],
                positives[user] <= samples[user], trainPositives[user] <= trainSamples[user],
                seenSamples[user] <= samples[user], seenPositives[user] <= seenSamples[user],
                seenPositives[user] <= positives[user],
                positives[user] - seenPositives[user] <= samples[user] - seenSamples[user]
            else { return false }
            // At most 2³² users of 2³² rows each.
            sums.samples += samples[user]
            sums.positives += positives[user]
        }
        guard sums.samples == scope.samples, sums.positives == scope.positives else { return false }
        // What rounding may add to a sum of means.
        let slack = 1e-6
        return arms.allSatisfy { arm in
            [arm.auc, arm.seenAUC, arm.unseenAUC].allSatisfy { $0.allSatisfy { (0...1).contains($0) } }
                && zip(arm.ndcg, lists).allSatisfy { (0...Double($1) + slack).contains($0) }
                && zip(arm.hits, lists).allSatisfy { (0...Double($1) + slack).contains($0) }
                && arm.loss.allSatisfy { (0...1e290).contains($0) } && arm.influence.allSatisfy { abs($0) <= 2 }
        }
    }
}
