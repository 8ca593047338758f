import CTRModels
import Samples

extension DealtSamples {
    /// Samples of a batch: no batch has more than there are.
    func batchSize(of settings: TrainingSettings) -> Int { min(settings.batchSize, trainCount) }

    /// Steps of an epoch, all of whole batches but the last.
    func steps(of settings: TrainingSettings) -> Int {
        let batchSize = batchSize(of: settings)
        return (trainCount + batchSize - 1) / batchSize
    }

    /// Hands out all train samples once, in batches of `batchSize` rows of an input, of which only the last may be
    /// smaller.
    ///
    /// The order is a function of seed and epoch: chunks in shuffled order, and the rows of each shuffled. What is left
    /// over at a chunk's end and is no whole batch begins the next one's first batch.
    func forEachBatch(
        seed: UInt64, epoch: Int, batchSize: Int,
        _ body: (_ samples: SampleColumns, _ input: ModelInput, _ rows: ArraySlice<Int32>) throws(StageError) -> Void
    ) throws(StageError) {
        var random = SplitMix64(seed: seed, name: "cloud shuffle \(epoch)")
        var chunks = Array(0..<chunkCount)
        random.shuffle(&chunks)
        let none = SampleColumns(kinds)
        var pending = none
        for index in chunks {
            let samples = try chunk(index)
            var order = Array(0..<Int32(samples.count))
            random.shuffle(&order)
            var place = 0
            if pending.count > 0 {
                place = min(batchSize - pending.count, order.count)
                try pending.append(gathering: Self.numbers(order[..<place]), of: samples)
                if pending.count == batchSize {
                    try body(pending, pending.input, Array(0..<Int32(batchSize))[...])
                    pending = none
                }
            }
            let input = samples.input
            while order.count - place >= batchSize {
                try body(samples, input, order[place..<place + batchSize])
                place += batchSize
            }
            if place < order.count { try pending.append(gathering: Self.numbers(order[place...]), of: samples) }
        }
        if pending.count > 0 { try body(pending, pending.input, Array(0..<Int32(pending.count))[...]) }
    }

    private static func numbers(_ rows: ArraySlice<Int32>) -> ArraySlice<UInt32> {
        rows.map { UInt32(bitPattern: $0) }[...]
    }
}
