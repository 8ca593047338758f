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
        let picked = Self.batch.gathering([4, 0, 0, 1])
        #expect(picked.users == .text(TextColumn(["ann", "ann", "ann", "ann"])))
        #expect(picked.times == [5, 1, 1, 2])
        #expect(picked.items == [9, 5, 5, 6])
        #expect(
            picked.features[1] == .multivalued(ListColumn(offsets: [0, 2, 4, 6, 6], values: [4, 5, 1, 2, 1, 2])))
        #expect(picked.features[2] == .dense([4.5, 0.5, 0.5, 1.5]))
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
