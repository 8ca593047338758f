import Dispatch
import Samples
import Testing

@testable import ByteStreams

@Suite("A queue between two threads", .timeLimit(.minutes(10)))
struct BlockingQueueTests {
    @Test("gives every element in order, then the end, and the end again", arguments: [1, 3])
    func order(bound: Int) throws {
        let queue = BlockingQueue<Int>(bound: bound)
        DetachedThread.start {
            for number in 0..<2000 { try? queue.send(number) }
            queue.finish(nil)
        }
        var seen: [Int] = []
        while let number = try queue.next() { seen.append(number) }
        #expect(seen == Array(0..<2000))
        #expect(try queue.next() == nil)
    }

    @Test("a sender is no further ahead than the bound")
    func bound() throws {
        let queue = BlockingQueue<Int>(bound: 2)
        let sent = Counter()
        DetachedThread.start {
            for number in 0..<300 {
                try? queue.send(number)
                sent.add(1)
            }
        }
        for expected in 0..<300 {
            #expect(sent.value <= expected + 2)
            #expect(try queue.next() == expected)
        }
        queue.cancel()
    }

    @Test("hands out what was sent before the failure")
    func failure() throws {
        let queue = BlockingQueue<Int>(bound: 2)
        try queue.send(1)
        queue.finish(StageError(.data, "torn"))
        queue.finish(nil)
        #expect(try queue.next() == 1)
        for _ in 0..<2 { #expect(throws: StageError(.data, "torn")) { try queue.next() } }
    }

    @Test("a cancellation wakes a sender that waits for room")
    func cancelledSender() throws {
        let queue = BlockingQueue<Int>(bound: 1)
        let ends = ThreadEnds()
        let sent = Counter()
        DetachedThread.start {
            let mark = ends.mark()
            defer { _ = mark }
            while (try? queue.send(1)) != nil { sent.add(1) }
        }
        _ = try queue.next()
        // Time for the sender to come to where it waits; too little only makes the test see less.
        while sent.value < 2 {}
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 0.05)
        queue.cancel()
        #expect(ends.wait(for: 1))
        #expect(sent.value == 2)
        #expect(throws: StageError.cancelled) { try queue.send(1) }
    }

    @Test("a cancellation wakes a receiver that waits, and throws away what is there")
    func cancelledReceiver() throws {
        let queue = BlockingQueue<Int>(bound: 1)
        let ends = ThreadEnds()
        DetachedThread.start {
            let mark = ends.mark()
            defer { _ = mark }
            while (try? queue.next()) != nil {}
        }
        try queue.send(1)
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 0.05)
        queue.cancel()
        #expect(ends.wait(for: 1))
        let full = BlockingQueue<Int>(bound: 1)
        try full.send(1)
        full.finish(nil)
        full.cancel()
        #expect(throws: StageError.cancelled) { try full.next() }
    }
}
