import Samples

/// The state of an ordered parallel map between one producer, several workers and one consumer, without locks or threads:
/// every call says what its caller has to do.
///
/// Inputs are numbered as they come; a worker takes the next one, and the consumer gets the outputs in the inputs' order.
/// At most `bound` of them are on their way at any time.
struct OrderedMapState<Input, Output> {
    enum PutAction {
        case stored
        case wait
        case cancelled
    }

    enum TakeAction {
        case input(Int, Input)
        case wait
        /// Nothing will come any more.
        case finished
    }

    enum NextAction {
        case output(Output)
        case wait
        case finished(StageError?)
    }

    private let bound: Int
    private var waiting: [(Int, Input)] = []
    /// Outputs not taken yet, each at its number modulo `bound`.
    private var done: [Output?]
    private var inputCount = 0
    private var outputCount = 0
    private var end: StageError??
    private var isCancelled = false

    init(bound: Int) {
        precondition(bound > 0)
        self.bound = bound
        done = Array(repeating: nil, count: bound)
    }

    /// The producer has one more input.
    mutating func put(_ input: Input) -> PutAction {
        if isCancelled { return .cancelled }
        guard inputCount - outputCount < bound else { return .wait }
        waiting.append((inputCount, input))
        inputCount += 1
        return .stored
    }

    /// The producer is done; outputs of what it put are still handed out.
    mutating func finish(_ failure: StageError?) {
        if end == nil { end = .some(failure) }
    }

    /// A worker asks for work.
    mutating func take() -> TakeAction {
        if isCancelled { return .finished }
        guard waiting.isEmpty else {
            let (number, input) = waiting.removeFirst()
            return .input(number, input)
        }
        return end == nil ? .wait : .finished
    }

    /// A worker has made the output of an input.
    mutating func deliver(_ number: Int, _ output: Output) {
        if !isCancelled { done[number % bound] = output }
    }

    /// The consumer asks for the next output in order.
    mutating func next() -> NextAction {
        if isCancelled { return .finished(.cancelled) }
        if let output = done[outputCount % bound].take() {
            outputCount += 1
            return .output(output)
        }
        if let end, outputCount == inputCount { return .finished(end) }
        return .wait
    }

    /// Nobody will take outputs any more.
    mutating func cancel() {
        isCancelled = true
        waiting.removeAll()
        done = Array(repeating: nil, count: bound)
    }
}
