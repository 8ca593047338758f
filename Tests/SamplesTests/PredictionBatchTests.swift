import Samples
import Testing

@Suite("Prediction batches")
struct PredictionBatchTests {
    private func batch(_ groups: [Int64]?, rows: Int) -> PredictionBatch {
        var batch = PredictionBatch(
            PredictionSchema(
                userKind: .integer, arms: ["cloud"], globalCTR: 0.5, seed: 1, users: 1, fingerprints: [:]))
        batch.users = .integers(Array(repeating: 1, count: rows))
        batch.times = Array(repeating: 0, count: rows)
        batch.labels = Array(repeating: 1, count: rows)
        batch.parts = Array(repeating: .test, count: rows)
        batch.groups = groups
        batch.items = Array(repeating: 2, count: rows)
        batch.trainSamples = Array(repeating: 3, count: rows)
        batch.trainPositives = Array(repeating: 1, count: rows)
        batch.itemSeen = Array(repeating: true, count: rows)
        batch.kept = Array(repeating: true, count: rows)
        batch.logits = [Array(repeating: 0.25, count: rows)]
        return batch
    }

    @Test("groups are appended row by row with the rest, and a batch without rows adds none and takes none away")
    func groups() {
        var whole = batch(nil, rows: 0)
        whole.append(batch(nil, rows: 0))
        #expect(whole.groups == nil)
        whole.append(batch([4, 4], rows: 2))
        whole.append(batch(nil, rows: 0))
        whole.append(batch([5], rows: 1))
        #expect(whole == batch([4, 4, 5], rows: 3))
    }

    @Test("whether users are held out is appended with the rest where the schema marks it")
    func heldOut() {
        func batch(_ heldOut: [Bool]) -> PredictionBatch {
            var schema = self.batch(nil, rows: 0).schema
            schema.marksHeldOut = true
            let plain = self.batch(nil, rows: heldOut.count)
            var batch = PredictionBatch(schema)
            batch.append(plain)
            batch.heldOut = heldOut
            return batch
        }
        #expect(self.batch(nil, rows: 2).heldOut == nil)
        var whole = batch([])
        whole.append(batch([true, true]))
        whole.append(batch([false]))
        #expect(whole == batch([true, true, false]))
    }

    @Test("a stream without groups stays without")
    func none() {
        var whole = batch(nil, rows: 1)
        whole.append(batch([], rows: 0))
        whole.append(batch(nil, rows: 2))
        #expect(whole == batch(nil, rows: 3))
    }
}
