import Samples
import Testing

@testable import ByteStreams

@Suite("A bounded queue's state")
struct BoundedQueueStateTests {
    @Test("takes elements up to its bound, then asks the producer to wait")
    func bound() {
        var state = BoundedQueueState<Int, Int>(bound: 2)
        #expect(isStored(state.send(1)))
        #expect(isStored(state.send(2)))
        guard case .wait = state.send(3) else { return #expect(Bool(false), "took a third element") }
        guard case .element(1, wakeProducer: true) = state.next(0) else {
            return #expect(Bool(false), "did not wake the producer")
        }
        #expect(isStored(state.send(3)))
    }

    @Test("gives an element straight to a consumer that waits")
    func handOver() {
        var state = BoundedQueueState<Int, String>(bound: 1)
        guard case .suspend = state.next("consumer") else { return #expect(Bool(false), "did not suspend") }
        guard case .resume("consumer", 7) = state.send(7) else { return #expect(Bool(false), "did not resume") }
    }

    @Test("hands out what is buffered before the failure, and the failure once")
    func failureComesLast() {
        var state = BoundedQueueState<Int, Int>(bound: 2)
        _ = state.send(1)
        #expect(state.finish(StageError(.data, "broken")) == nil)
        guard case .element(1, wakeProducer: false) = state.next(0) else { return #expect(Bool(false)) }
        guard case .finished(let failure) = state.next(0) else { return #expect(Bool(false)) }
        #expect(failure?.message == "broken")
        guard case .finished(nil) = state.next(0) else { return #expect(Bool(false), "failed twice") }
    }

    @Test("after a cancellation refuses elements and wakes both sides")
    func cancellation() {
        var state = BoundedQueueState<Int, Int>(bound: 1)
        _ = state.send(1)
        _ = state.send(2)
        let woken = state.cancel()
        #expect(woken.wakeProducer)
        guard case .cancelled = state.send(3) else { return #expect(Bool(false), "took an element") }
        guard case .finished(.some(.cancelled)) = state.next(0) else { return #expect(Bool(false)) }
    }

    @Test("a cancellation that throws elements away does not pass for the end")
    func cancellationAfterTheLastElement() {
        var state = BoundedQueueState<Int, Int>(bound: 2)
        _ = state.send(1)
        #expect(state.finish(nil) == nil)
        _ = state.cancel()
        guard case .finished(.some(.cancelled)) = state.next(0) else {
            return #expect(Bool(false), "a cut stream ended as if it were whole")
        }
    }

    private func isStored(_ action: BoundedQueueState<Int, Int>.SendAction) -> Bool {
        if case .stored = action { true } else { false }
    }
}
