import ByteStreams
public import Samples

/// Predictions of every arm for each user's validation and test samples: the stage `finetune`.
///
/// Up to `threads` batches are worked on at once, each on one thread; some more are on their way. Rows come out in the order of
/// the base, the same bytes for any number of threads. A user whose numbers are not finite does not end the stream.
public struct FineTuningSequence<Base>: AsyncSequence, Sendable
where Base: AsyncSequence<SampleBatch, StageError> & Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    let base: WholeUserSequence<Base>
    let work: UserScorer.Work
    let threads: Int
    let report: FineTuningReport
    let table: ByteSink?
    let overlays: ByteSink?
    let timings: FineTuningTimings?

    /// The most batches on their way for so many threads.
    static func bound(threads: Int) -> Int { 2 * threads + 2 }

    /// An iterator over the base's batches, with threads of its own from the first batch on.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), stage: self)
    }

    /// Single-pass; releasing it ends the threads.
    public struct Iterator: AsyncIteratorProtocol {
        var base: WholeUserSequence<Base>.Iterator
        let stage: FineTuningSequence
        private var map: FedMap<SampleBatch, Result<TunedBatch, StageError>>?
        private var table: ByteSink?
        private var overlays: ByteSink?
        private var isAtEnd = false
        /// Whether the end was told, or a failure: nothing comes after it.
        private var isOver = false
        private var failure: StageError?

        init(base: WholeUserSequence<Base>.Iterator, stage: FineTuningSequence) {
            self.base = base
            self.stage = stage
            table = stage.table
            overlays = stage.overlays
        }

        /// The predictions for the base's next batch.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> PredictionBatch? {
            if isOver { return nil }
            do throws(StageError) {
                let batch = try await nextBatch(isolation: actor)
                isOver = batch == nil
                return batch
            } catch {
                isOver = true
                throw error
            }
        }

        private mutating func nextBatch(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> PredictionBatch? {
            if Task.isCancelled { throw .cancelled }
            let isFirst = map == nil
            let map = self.map ?? stage.makeMap()
            self.map = map
            // A table that is gone on with has its header.
            if isFirst, let table, table.bytesWritten == 0 { try await write(stage.tableLines.start, to: \.table) }
            while map.hasRoom && !isAtEnd {
                // What the base fails with comes after what it gave.
                do throws(StageError) {
                    if let batch = try await base.next(isolation: actor) {
                        try map.put(batch)
                        continue
                    }
                } catch {
                    failure = error
                }
                isAtEnd = true
                map.finish()
            }
            guard let batch = try await map.next()?.get() else {
                if Task.isCancelled { throw .cancelled }
                if let failure { throw failure }
                try await write(OverlayArchive.end, to: \.overlays)
                return nil
            }
            stage.report.add(batch)
            stage.timings?.add(batch.times)
            try await write(batch.table, to: \.table)
            if !batch.overlays.isEmpty { try await write(batch.overlays, to: \.overlays) }
            return batch.predictions
        }

        /// Writes to one of the sinks beside the predictions, if it is there.
        private mutating func write(
            _ bytes: [UInt8], to sink: WritableKeyPath<Iterator, ByteSink?>
        ) async throws(StageError) {
            do throws(StageError) {
                try await self[keyPath: sink]?.write(bytes)
            } catch {
                // A reader such as `head` may go, and wants no more; predictions were asked for all the same.
                guard error.code == .closedPipe && self[keyPath: sink]?.isStandardOutput == true else { throw error }
                self[keyPath: sink] = nil
            }
        }
    }

    private var tableLines: FineTuningTable {
        FineTuningTable(userKind: work.schema.userKind, globalCTR: work.globalCTR, plan: work.plan)
    }

    private func makeMap() -> FedMap<SampleBatch, Result<TunedBatch, StageError>> {
        let table = table == nil ? nil : tableLines
        return FedMap(workerCount: threads, bound: Self.bound(threads: threads)) {
            [work, keepsOverlays = overlays != nil, measuresTimes = timings != nil] cancellation in
            // One a thread for the whole pass.
            var tuner = BatchTuner(
                work, table: table, keepsOverlays: keepsOverlays, measuresTimes: measuresTimes,
                cancellation: cancellation)
            return { batch in
                do throws(StageError) {
                    return .success(try tuner.tuned(batch))
                } catch {
                    return .failure(error)
                }
            }
        }
    }
}

@available(*, unavailable)
extension FineTuningSequence.Iterator: Sendable {}
