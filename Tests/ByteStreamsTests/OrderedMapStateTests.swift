import Samples
import Testing

@testable import ByteStreams

@Suite("An ordered map's state")
struct OrderedMapStateTests {
    @Test("hands outputs out in the inputs' order, whichever comes first")
    func order() {
        var state = OrderedMapState<String, Int>(bound: 3)
        for input in ["a", "b", "c"] { #expect(isStored(state.put(input))) }
        #expect(taken(state.take()) == Taken(number: 0, input: "a"))
        #expect(taken(state.take()) == Taken(number: 1, input: "b"))
        #expect(taken(state.take()) == Taken(number: 2, input: "c"))
        state.deliver(2, 30)
        state.deliver(1, 20)
        #expect(isWait(state.next()))
        state.deliver(0, 10)
        #expect(output(state.next()) == 10)
        #expect(output(state.next()) == 20)
        #expect(output(state.next()) == 30)
        #expect(isWait(state.next()))
    }

    @Test("has at most its bound on the way, taken up or not, until the consumer has the output")
    func bound() {
        var state = OrderedMapState<String, Int>(bound: 2)
        #expect(isStored(state.put("a")))
        #expect(isStored(state.put("b")))
        #expect(isFull(state.put("c")))
        _ = state.take()
        _ = state.take()
        #expect(isFull(state.put("c")))
        state.deliver(1, 20)
        #expect(isFull(state.put("c")))
        state.deliver(0, 10)
        #expect(isFull(state.put("c")))
        #expect(output(state.next()) == 10)
        #expect(isStored(state.put("c")))
        #expect(isFull(state.put("d")))
        #expect(taken(state.take()) == Taken(number: 2, input: "c"))
        state.deliver(2, 30)
        #expect(output(state.next()) == 20)
        #expect(output(state.next()) == 30)
    }

    @Test("tells of a failure behind the outputs of what was put, and again when asked again")
    func failureComesLast() {
        var state = OrderedMapState<String, Int>(bound: 2)
        _ = state.put("a")
        _ = state.put("b")
        state.finish(StageError(.data, "torn"))
        state.finish(nil)
        #expect(taken(state.take())?.number == 0)
        #expect(taken(state.take())?.number == 1)
        #expect(isFinished(state.take()))
        state.deliver(0, 10)
        #expect(output(state.next()) == 10)
        #expect(isWait(state.next()))
        state.deliver(1, 20)
        #expect(output(state.next()) == 20)
        for _ in 0..<2 {
            guard case .finished(let failure) = state.next() else { return #expect(Bool(false), "did not end") }
            #expect(failure?.message == "torn")
        }
    }

    @Test("workers wait as long as more may come, and end when the producer has")
    func workers() {
        var state = OrderedMapState<String, Int>(bound: 2)
        guard case .wait = state.take() else { return #expect(Bool(false), "did not wait") }
        state.finish(nil)
        #expect(isFinished(state.take()))
        guard case .finished(nil) = state.next() else { return #expect(Bool(false), "did not end") }
    }

    @Test("after a cancellation takes and gives nothing, even what was there")
    func cancellation() {
        var state = OrderedMapState<String, Int>(bound: 3)
        for input in ["a", "b", "c"] { _ = state.put(input) }
        _ = state.take()
        _ = state.take()
        state.deliver(0, 10)
        state.finish(nil)
        state.cancel()
        // A worker that was busy comes late.
        state.deliver(1, 20)
        guard case .cancelled = state.put("d") else { return #expect(Bool(false), "took an input") }
        #expect(isFinished(state.take()))
        guard case .finished(.some(.cancelled)) = state.next() else {
            return #expect(Bool(false), "a cut stream went on or ended as if it were whole")
        }
    }

    /// What a worker got.
    private struct Taken: Equatable {
        var number: Int
        var input: String
    }

    private typealias State = OrderedMapState<String, Int>

    private func taken(_ action: State.TakeAction) -> Taken? {
        if case .input(let number, let input) = action { Taken(number: number, input: input) } else { nil }
    }

    private func isFinished(_ action: State.TakeAction) -> Bool {
        if case .finished = action { true } else { false }
    }

    private func isStored(_ action: State.PutAction) -> Bool {
        if case .stored = action { true } else { false }
    }

    private func isFull(_ action: State.PutAction) -> Bool {
        if case .wait = action { true } else { false }
    }

    private func output(_ action: State.NextAction) -> Int? {
        if case .output(let output) = action { output } else { nil }
    }

    private func isWait(_ action: State.NextAction) -> Bool {
        if case .wait = action { true } else { false }
    }
}
