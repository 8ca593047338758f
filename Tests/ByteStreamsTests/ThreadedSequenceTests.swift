import Samples
import Testing

@testable import ByteStreams

@Suite("A sequence fed by a thread")
struct ThreadedSequenceTests {
    @Test("gives every element in order, then the end")
    func order() async throws {
        let numbers = ThreadedSequence<Int>(bound: 3) { output throws(StageError) in
            for number in 0..<1000 { try output.send(number) }
        }
        var seen: [Int] = []
        for try await number in numbers { seen.append(number) }
        #expect(seen == Array(0..<1000))
    }

    @Test("runs no further ahead than its bound")
    func backPressure() async throws {
        let sent = Counter()
        let numbers = ThreadedSequence<Int>(bound: 2) { output throws(StageError) in
            for number in 0..<100 {
                try output.send(number)
                sent.add(1)
            }
        }
        var iterator = numbers.makeAsyncIterator()
        for expected in 0..<50 {
            #expect(try await iterator.next(isolation: nil) == expected)
            // Taken so far, plus two in the queue.
            #expect(sent.value <= expected + 3)
        }
    }

    @Test("passes the producer's failure on after the elements before it")
    func failure() async {
        let numbers = ThreadedSequence<Int> { output throws(StageError) in
            try output.send(1)
            throw StageError(.data, "torn")
        }
        var seen: [Int] = []
        do throws(StageError) {
            for try await number in numbers { seen.append(number) }
            Issue.record("the failure was lost")
        } catch {
            #expect(error.message == "torn")
        }
        #expect(seen == [1])
    }

    @Test("stops its thread when the iterator is released")
    func release() async throws {
        let ended = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        do {
            let numbers = ThreadedSequence<Int> { output throws(StageError) in
                defer { ended.continuation.finish() }
                while true { try output.send(1) }
            }
            var iterator = numbers.makeAsyncIterator()
            _ = try await iterator.next(isolation: nil)
        }
        for await _ in ended.stream {}
    }

    @Test("wakes a consumer whose task is cancelled while the producer is silent")
    func cancelledConsumer() async {
        let silent = ThreadedSequence<Int> { output throws(StageError) in
            while !output.cancellation.isCancelled {
                _ = output.cancellation.waitUntilReady(-1, events: 0)
            }
            throw .cancelled
        }
        let task = Task { () -> StageError? in
            do throws(StageError) {
                for try await _ in silent {}
                return nil
            } catch {
                return error
            }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }
}
