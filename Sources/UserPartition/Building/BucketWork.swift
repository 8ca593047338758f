import ByteStreams
import Samples

/// Work on all buckets, some at a time on threads of their own, handed on in order.
struct BucketWork: Sendable {
    /// Number of buckets.
    let buckets: Int
    /// Buckets at a time.
    let threads: Int
    /// Ends the work early.
    let stop: StopSignal

    /// Does `work` for every bucket and hands what it comes to to `body`, in the order of the buckets. After a failure no
    /// work is under way any more when it is thrown.
    func run<Outcome: Sendable>(
        _ work: @escaping @Sendable (Int) throws(StageError) -> Outcome,
        _ body: (Outcome) throws(StageError) -> Void
    ) throws(StageError) {
        let results = OrderedMap<Int, Result<Outcome, StageError>>(
            workerCount: threads, bound: 2 * threads, cancellation: Cancellation(),
            makeTransform: { [stop] _ in
                { bucket in
                    do throws(StageError) {
                        try stop.check()
                        return .success(try work(bucket))
                    } catch {
                        return .failure(error)
                    }
                }
            },
            produce: { [buckets] inputs throws(StageError) in
                for bucket in 0..<buckets { try inputs.put(bucket) }
            })
        do throws(StageError) {
            while let result = try results.next() { try body(result.get()) }
        } catch {
            stop.stop()
            // Nobody may write into the folder any more when it is removed.
            while try results.next() != nil {}
            throw error
        }
    }
}
