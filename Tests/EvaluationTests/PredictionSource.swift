import Samples
import Synchronization

/// A stream of predictions from a script, which is asked for batch 0, 1, … until it gives nil or fails.
struct PredictionSource: AsyncSequence, Sendable {
    typealias Element = PredictionBatch
    typealias Failure = StageError

    let script: @Sendable (Int) throws(StageError) -> PredictionBatch?
    /// How many batches were asked for.
    let requests = Counter()

    init(_ script: @escaping @Sendable (Int) throws(StageError) -> PredictionBatch?) {
        self.script = script
    }

    init(_ batches: [PredictionBatch]) {
        self.init { index in index < batches.count ? batches[index] : nil }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(source: self)
    }

    struct Iterator: AsyncIteratorProtocol {
        let source: PredictionSource
        var index = 0

        mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> PredictionBatch? {
            defer { index += 1 }
            source.requests.increment()
            return try source.script(index)
        }
    }

    final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }
}
