import Samples
import Testing

@Suite("Sample batches")
struct SampleBatchTests {
    static let schema = SampleSchema(
        userKind: .text,
        features: [
            .init(name: "item", kind: .categorical, encoding: .dictionary),
            .init(name: "tags", kind: .multivalued, encoding: .hash(size: 10)),
            .init(name: "age", kind: .dense, encoding: nil),
        ], item: 0)

    static var batch: SampleBatch {
        SampleBatch(
            schema, users: .text(TextColumn(["ann", "ann", "", "bob", "ann"])), times: [1, 2, 3, 4, 5],
            labels: [1, 0, 1, 0, 1],
            features: [
                .categorical([5, 6, 7, 8, 9]),
                .multivalued(ListColumn(offsets: [0, 2, 2, 3, 3, 5], values: [1, 2, 3, 4, 5])),
                .dense([0.5, 1.5, 2.5, 3.5, 4.5]),
            ])
    }

    @Test("appending rows piece by piece gives the whole again", arguments: 1...5)
    func appending(step: Int) {
        var copy = SampleBatch(Self.schema)
        for start in stride(from: 0, to: 5, by: step) {
            copy.append(contentsOf: start..<min(start + step, 5), of: Self.batch)
        }
        #expect(copy == Self.batch)
    }

    @Test("gathering keeps the order asked for, lists included")
    func gathering() {
        var picked = SampleBatch(Self.schema)
        picked.append(gathering: [4, 0], of: Self.batch)
        picked.append(gathering: [9, 0, 1, 9][1...2], of: Self.batch)
        #expect(picked.users == .text(TextColumn(["ann", "ann", "ann", "ann"])))
        #expect(picked.times == [5, 1, 1, 2])
        #expect(picked.items == [9, 5, 5, 6])
        #expect(
            picked.features[1] == .multivalued(ListColumn(offsets: [0, 2, 4, 6, 6], values: [4, 5, 1, 2, 1, 2])))
        #expect(picked.features[2] == .dense([4.5, 0.5, 0.5, 1.5]))
    }

    /// The batch with its rows in three impression lists.
    static var grouped: SampleBatch {
        var schema = schema
        schema.hasGroups = true
        return SampleBatch(
            schema, users: batch.users, times: batch.times, labels: batch.labels, groups: [7, 7, -1, .max, 7],
            features: batch.features)
    }

    @Test("groups go along when rows are appended or gathered, and count as bytes", arguments: 1...5)
    func groups(step: Int) {
        var copy = SampleBatch(Self.grouped.schema)
        #expect(copy.groups == [])
        for start in stride(from: 0, to: 5, by: step) {
            copy.append(contentsOf: start..<min(start + step, 5), of: Self.grouped)
        }
        #expect(copy == Self.grouped)
        var picked = SampleBatch(Self.grouped.schema)
        picked.append(gathering: [3, 0, 2], of: Self.grouped)
        #expect(picked.groups == [.max, 7, -1])
        #expect(Self.grouped.byteCount == Self.batch.byteCount + 5 * 8)
        #expect(Self.batch.groups == nil && SampleBatch(Self.schema).groups == nil)
    }

    @Test("a range of text comes as it was, whatever stands before and behind it", arguments: 0...4, 0...4)
    func textRanges(start: Int, length: Int) {
        let words = ["ann", "", "\u{E9}t\u{E9}", "x", ""]
        let rows = start..<min(start + length, 5)
        var column = TextColumn(["before"])
        column.append(contentsOf: rows, of: TextColumn(words))
        column.append("behind")
        #expect(column == TextColumn(["before"] + words[rows] + ["behind"]))
    }

    @Test("rows fit as long as no column comes to hold more than its limit")
    func fitting() {
        let batch = Self.batch
        // Rows 0..<5 hold 5 rows, 12 bytes of keys and 5 ids.
        #expect(batch.fits(0..<5, of: batch, limit: 24))
        #expect(!batch.fits(0..<5, of: batch, limit: 23))
        #expect(batch.fits(0..<5, of: batch))
        var keys = TextColumn(["abc"])
        #expect(keys.fits(0..<2, of: TextColumn(["d", "e", "f"]), limit: 5))
        #expect(!keys.fits(0..<3, of: TextColumn(["d", "e", "f"]), limit: 5))
        keys = TextColumn()
        #expect(keys.fits(1..<1, of: TextColumn(["d"]), limit: 0))
        let lists = ListColumn(offsets: [0, 2, 3], values: [1, 2, 3])
        #expect(lists.fits(1..<2, of: lists, limit: 4))
        #expect(!lists.fits(0..<1, of: lists, limit: 4))
        #expect(FeatureColumn.multivalued(lists).fits(1..<2, of: .multivalued(lists), limit: 4))
        #expect(!FeatureColumn.multivalued(lists).fits(0..<2, of: .multivalued(lists), limit: 5))
        #expect(!FeatureColumn.dense([1, 2]).fits(0..<1, of: .dense([3]), limit: 2))
        #expect(!KeyColumn.integers([1, 2]).fits(0..<1, of: .integers([3]), limit: 2))
        #expect(KeyColumn.integers([1, 2]).fits(0..<1, of: .integers([3]), limit: 3))
    }

    @Test("runs of equal keys are found, an empty key among them, and a key that comes back is another run")
    func runs() {
        #expect(Self.batch.userRanges == [0..<2, 2..<3, 3..<4, 4..<5])
        #expect(SampleBatch(Self.schema).userRanges.isEmpty)
        #expect(KeyColumn.integers([7, 7, 7]).runs == [0..<3])
    }

    @Test("keys that differ in bytes are different, though they spell the same")
    func spellings() {
        let composed = UserKey.text("Zo\u{EB}")
        let decomposed = UserKey.text("Zoe\u{308}")
        #expect(composed != decomposed)
        #expect(composed == .text("Zo\u{EB}"))
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(KeyColumn.text(TextColumn(["Zo\u{EB}", "Zoe\u{308}"])).runs.count == 2)
    }

    @Test("appending row by row grows buffers in place, so their places change only as they double")
    func appendingInPlace() {
        func moves(_ place: (SampleBatch) -> UnsafeRawPointer?) -> Int {
            var batch = SampleBatch(Self.schema)
            var last: UnsafeRawPointer?
            var moves = 0
            for _ in 0..<2000 {
                batch.append(contentsOf: 0..<1, of: Self.batch)
                let now = place(batch)
                if now != last { moves += 1 }
                last = now
            }
            return moves
        }
        let text = moves { batch in
            guard case .text(let column) = batch.users else { return nil }
            return column.bytes.withUnsafeBytes(\.baseAddress)
        }
        let lists = moves { batch in
            guard case .multivalued(let column) = batch.features[1] else { return nil }
            return column.values.withUnsafeBytes(\.baseAddress)
        }
        #expect(text < 40)
        #expect(lists < 40)
    }

    @Test("keys order by value, integers before text")
    func keyOrder() {
        let keys: [UserKey] = [.text("b"), .integer(10), .text("ä"), .integer(-3), .text("")]
        #expect(keys.sorted() == [.integer(-3), .integer(10), .text(""), .text("b"), .text("ä")])
    }
}
