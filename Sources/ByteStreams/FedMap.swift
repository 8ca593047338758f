public import Samples

/// An `OrderedMap` whose inputs come from a task and whose outputs go to one: several threads turn inputs into outputs, which
/// come in the order of their inputs.
///
/// At most `bound` inputs are on their way. Released, it ends its threads; a task that is cancelled while it waits for an output
/// cancels the map. For one task at a time.
public final class FedMap<Input: Sendable, Output: Sendable> {
    private let inputs: BlockingQueue<Input>
    private let map: OrderedMap<Input, Output>
    private let waiter: BlockingThread
    private let bound: Int
    private var underway = 0

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - workerCount: threads that transform.
    ///   - bound: inputs on their way at most.
    ///   - makeTransform: makes one worker's transform, on that worker's thread. Asked to stop by its cancellation, a transform
    ///     should return soon, whatever it returns.
    public init(
        workerCount: Int, bound: Int, makeTransform: @escaping @Sendable (Cancellation) -> (Input) -> Output
    ) {
        self.bound = bound
        let inputs = BlockingQueue<Input>(bound: bound)
        self.inputs = inputs
        waiter = BlockingThread()
        let cancellation = waiter.cancellation
        map = OrderedMap(
            workerCount: workerCount, bound: bound, cancellation: cancellation,
            makeTransform: { _ in makeTransform(cancellation) },
            produce: { places throws(StageError) in
                while let input = try inputs.next() { try places.put(input) }
            })
    }

    deinit {
        inputs.cancel()
    }

    /// Whether one more input may be put.
    public var hasRoom: Bool { underway < bound }

    /// Hands an input over; there must be room.
    public func put(_ input: Input) throws(StageError) {
        precondition(hasRoom, "an input that there is no room for")
        try inputs.send(input)
        underway += 1
    }

    /// Says that there will be no more inputs.
    public func finish() { inputs.finish(nil) }

    /// The next output; nil when there is none left of what was put.
    public func next() async throws(StageError) -> Output? {
        guard underway > 0 else { return nil }
        let output = try await waiter.run { [map] () throws(StageError) in try map.next() }
        underway -= 1
        return output
    }
}
