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
        private var isAtEnd = false
        private var failure: StageError?

        init(base: WholeUserSequence<Base>.Iterator, stage: FineTuningSequence) {
            self.base = base
            self.stage = stage
            table = stage.table
        }

        /// The predictions for the base's next batch.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> PredictionBatch? {
            if Task.isCancelled { throw .cancelled }
            let isFirst = map == nil
            let map = self.map ?? stage.makeMap()
            self.map = map
            if isFirst { try await writeTable(stage.tableLines.start) }
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
                try await table?.publish()
                return nil
            }
            stage.report.add(batch)
            stage.timings?.add(batch.times)
            try await writeTable(batch.table)
            return batch.predictions
        }

        /// Writes lines of the users' table, if there is one.
        private mutating func writeTable(_ lines: [UInt8]) async throws(StageError) {
            do throws(StageError) {
                try await table?.write(lines)
            } catch {
                // A reader such as `head` may go, and wants no more of the table; predictions were asked for all the same.
                guard error.code == .closedPipe && table?.isStandardOutput == true else { throw error }
                table = nil
            }
        }
    }

    private var tableLines: FineTuningTable {
        FineTuningTable(userKind: work.schema.userKind, globalCTR: work.globalCTR, plan: work.plan)
    }

    private func makeMap() -> FedMap<SampleBatch, Result<TunedBatch, StageError>> {
        let table = table == nil ? nil : tableLines
        return FedMap(workerCount: threads, bound: Self.bound(threads: threads)) {
            [work, measuresTimes = timings != nil] cancellation in
            // One a thread for the whole pass.
            var tuner = BatchTuner(work, table: table, measuresTimes: measuresTimes, cancellation: cancellation)
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
