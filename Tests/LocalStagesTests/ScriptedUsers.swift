import ByteStreams
import LabelCorrection
import Samples
import Synchronization

/// Local datasets made to order, in batches cut to order.
enum ScriptedUsers {
    static let schema = SampleSchema(
        userKind: .integer,
        features: [
            .init(name: "item", kind: .categorical, encoding: .dictionary),
            .init(name: "tags", kind: .multivalued, encoding: .hash(size: 9)),
        ], item: 0)

    /// One user: labels of each part. Item ids follow from user and row, so features differ between rows.
    struct User: Sendable {
        var key: Int64
        var train: [Float]
        var validation: [Float] = []
        var test: [Float] = []
    }

    /// The corners: no train sample, one sample, single class both ways, above and below the global CTR.
    static let corners: [User] = [
        User(key: 3, train: [1, 1, 1, 0], validation: [1], test: [0, 1]),
        User(key: 1, train: [1], test: [0]),
        User(key: 9, train: [0, 0, 0], validation: [0], test: [1, 0, 1]),
        User(key: 4, train: [1, 1], validation: [0], test: [1]),
        User(key: 7, train: [], test: [1, 0]),
        User(key: 8, train: [0, 0, 0, 0, 1, 0, 0, 0, 0, 1], validation: [1, 0], test: [0, 1, 1]),
        User(key: 2, train: [1, 0]),
    ]

    /// The users' samples as one batch.
    static func batch(_ users: [User]) -> SampleBatch {
        var batch = SampleBatch(schema, partitioned: true)
        for user in users {
            let parts: [(Part, [Float])] = [(.train, user.train), (.validation, user.validation), (.test, user.test)]
            var items: [UInt32] = []
            var tags = ListColumn()
            var row: Int64 = 0
            for (part, labels) in parts {
                for label in labels {
                    batch.users.append(.integer(user.key))
                    batch.times.append(1000 * user.key + row)
                    batch.labels.append(label)
                    batch.parts?.append(part)
                    items.append(UInt32((user.key * 5 + row * 3) % 11 + 1))
                    tags.append((0..<row % 3).map { UInt32($0 + user.key % 7 + 1) })
                    row += 1
                }
            }
            batch.features[0].append(contentsOf: 0..<items.count, of: .categorical(items))
            batch.features[1].append(contentsOf: 0..<tags.count, of: .multivalued(tags))
        }
        return batch
    }

    /// The users' samples as a stream in batches of `rows`; users that are cut are flagged.
    static func stream(_ users: [User], rows: Int) -> ThreadedSequence<SampleBatch> {
        stream(batch(users), rows: rows)
    }

    /// A batch of samples in batches of `rows`; users that are cut are flagged.
    static func stream(_ whole: SampleBatch, rows: Int) -> ThreadedSequence<SampleBatch> {
        ThreadedSequence { output throws(StageError) in
            try output.send(SampleBatch(schema, partitioned: true))
            for start in stride(from: 0, to: whole.count, by: rows) {
                let end = min(start + rows, whole.count)
                var piece = SampleBatch(schema, partitioned: true)
                piece.append(contentsOf: start..<end, of: whole)
                piece.continuesUser = end < whole.count && whole.users.isEqual(end - 1, to: whole.users, end)
                try output.send(piece)
            }
        }
    }
}

/// The corners over and over, from a source that does not look at cancellation and counts the batches it gave.
final class RepeatedUsers: AsyncSequence, Sendable {
    typealias Failure = StageError

    let given = Mutex(0)
    private let batches: Int
    private let endsByCancelling: Bool

    /// So many batches. `endsByCancelling`: then the task is cancelled, and the stream just ends, as if it were whole.
    init(batches: Int, endsByCancelling: Bool = false) {
        self.batches = batches
        self.endsByCancelling = endsByCancelling
    }

    func makeAsyncIterator() -> Iterator { Iterator(source: self) }

    struct Iterator: AsyncIteratorProtocol {
        let source: RepeatedUsers

        mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> SampleBatch? {
            let isMore = source.given.withLock { given in
                guard given < source.batches else { return false }
                given += 1
                return true
            }
            if isMore { return ScriptedUsers.batch(ScriptedUsers.corners) }
            if source.endsByCancelling { withUnsafeCurrentTask { $0?.cancel() } }
            return nil
        }
    }
}

extension AsyncSequence where Element == SampleBatch, Failure == StageError {
    /// All rows as one batch.
    func collected() async throws(StageError) -> SampleBatch {
        var result: SampleBatch?
        for try await batch in self {
            if result == nil { result = batch } else { result?.append(contentsOf: 0..<batch.count, of: batch) }
        }
        guard let result else { throw StageError(.data, "a stream without a first batch") }
        return result
    }
}

extension SampleBatch {
    /// The same samples, each in an impression list that follows from its time.
    var grouped: SampleBatch {
        var schema = schema
        schema.hasGroups = true
        return SampleBatch(
            schema, users: users, times: times, labels: labels, correctedLabels: correctedLabels, parts: parts,
            groups: times.map { 70 - 3 * $0 }, features: features, continuesUser: continuesUser)
    }
}
