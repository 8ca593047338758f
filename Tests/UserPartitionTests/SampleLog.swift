import Samples

/// A generator whose draws are the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// One sample as a row, for reference implementations that work by rows.
struct SampleRow: Hashable {
    var user: UserKey
    var time: Int64
    var label: Float
    var item: UInt32
    var genres: [UInt32]
    var price: Float
}

/// A random log in input order, and its cutting into batches.
struct SampleLog {
    let schema: SampleSchema
    let rows: [SampleRow]

    /// `rows` samples of up to `users` users, a third of whom have one sample. Times are few, so that ties abound, and
    /// in no order.
    init(_ kind: KeyColumn.Kind, rows count: Int, users: Int, times: Int64 = 40, seed: UInt64) {
        schema = Self.schema(kind)
        var generator = SeededGenerator(seed: seed)
        rows = (0..<count).map { row in
            let number = row < users / 3 ? 1000 + row : Int.random(in: 0..<users, using: &generator)
            return SampleRow(
                user: kind == .integer ? .integer(Int64(number) * 7_919 - 300) : .text("user-\(number)-\u{e9}"),
                time: Int64.random(in: -times...times, using: &generator),
                label: Float.random(in: 0...1, using: &generator) < 0.3 ? 1 : 0,
                item: UInt32.random(in: 0...50, using: &generator),
                genres: (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    UInt32.random(in: 1...6, using: &generator)
                },
                price: Float(row))
        }
    }

    init(_ kind: KeyColumn.Kind, rows: [SampleRow]) {
        schema = Self.schema(kind)
        self.rows = rows
    }

    static func schema(_ kind: KeyColumn.Kind) -> SampleSchema {
        SampleSchema(
            userKind: kind,
            features: [
                SampleSchema.Feature(name: "item", kind: .categorical, encoding: .dictionary),
                SampleSchema.Feature(name: "genres", kind: .multivalued, encoding: .hash(size: 6)),
                SampleSchema.Feature(name: "price", kind: .dense, encoding: nil),
            ], item: 0)
    }

    /// The log in batches of at most `batchRows` rows, after an empty one.
    func batches(of batchRows: Int) -> [SampleBatch] {
        var batches = [SampleBatch(schema)]
        for start in stride(from: 0, to: rows.count, by: batchRows) {
            batches.append(Self.batch(rows[start..<min(rows.count, start + batchRows)], schema))
        }
        return batches
    }

    static func batch(_ rows: some Collection<SampleRow>, _ schema: SampleSchema) -> SampleBatch {
        var users = KeyColumn(schema.userKind)
        var genres = ListColumn()
        for row in rows {
            users.append(row.user)
            genres.append(row.genres)
        }
        return SampleBatch(
            schema, users: users, times: rows.map(\.time), labels: rows.map(\.label),
            features: [.categorical(rows.map(\.item)), .multivalued(genres), .dense(rows.map(\.price))])
    }

    /// A batch's rows.
    static func rows(_ batch: SampleBatch) -> [SampleRow] {
        guard case .categorical(let items) = batch.features[0], case .multivalued(let genres) = batch.features[1],
            case .dense(let prices) = batch.features[2]
        else { return [] }
        return (0..<batch.count).map { row in
            SampleRow(
                user: batch.users[row], time: batch.times[row], label: batch.labels[row], item: items[row],
                genres: Array(genres[row]), price: prices[row])
        }
    }
}

/// Batches as a stream; it ends after them, or fails if `failure` is given.
struct ScriptedBatches: AsyncSequence, Sendable {
    typealias Failure = StageError

    let batches: [SampleBatch]
    var failure: StageError?

    func makeAsyncIterator() -> Iterator { Iterator(rest: batches[...], failure: failure) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<SampleBatch>
        let failure: StageError?

        mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> SampleBatch? {
            if let next = rest.popFirst() { return next }
            if let failure { throw failure }
            return nil
        }
    }
}
