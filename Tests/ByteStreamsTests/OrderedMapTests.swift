import Dispatch
import Samples
import Testing

@testable import ByteStreams

@Suite("An ordered map on threads", .timeLimit(.minutes(10)))
struct OrderedMapTests {
    @Test("gives outputs in the inputs' order for any number of workers", arguments: [1, 2, 7], [1, 2, 16])
    func order(workers: Int, bound: Int) throws {
        let map = OrderedMap<Int, Int>(
            workerCount: workers, bound: bound, cancellation: Cancellation(),
            makeTransform: { _ in
                { number in
                    // Some take longer, so that later ones overtake them.
                    for _ in 0..<(number % 7 * 300) { _ = Counter() }
                    return number * 2
                }
            },
            produce: { inputs throws(StageError) in for number in 0..<500 { try inputs.put(number) } })
        var seen: [Int] = []
        while let number = try map.next() { seen.append(number) }
        #expect(seen == (0..<500).map { $0 * 2 })
        #expect(try map.next() == nil)
    }

    @Test("uses every worker, each with a transform of its own, and no more inputs than its bound")
    func bound() throws {
        let put = Counter()
        let transforms = Counter()
        let isFull = DispatchSemaphore(value: 0)
        let allBusy = DispatchSemaphore(value: 0)
        let busy = Counter()
        let map = OrderedMap<Int, Int>(
            workerCount: 3, bound: 5, cancellation: Cancellation(),
            makeTransform: { worker in
                transforms.add(1 << (worker * 8))
                var isFirst = true
                return { number in
                    if isFirst {
                        // Each of the three waits for the others, so all three have work at once.
                        if busy.add(1) == 3 { for _ in 0..<3 { allBusy.signal() } }
                        allBusy.wait()
                        isFirst = false
                    }
                    return number
                }
            },
            produce: { inputs throws(StageError) in
                for number in 0..<100 {
                    try inputs.put(number)
                    if put.add(1) == 5 { isFull.signal() }
                }
            })
        isFull.wait()
        for expected in 0..<100 {
            #expect(put.value <= expected + 5)
            #expect(try map.next() == expected)
        }
        #expect(try map.next() == nil)
        #expect(transforms.value == 0x01_0101)
    }

    @Test("passes the producer's failure on behind the outputs of what it put", arguments: [1, 4])
    func failure(workers: Int) {
        let map = OrderedMap<Int, Int>(
            workerCount: workers, bound: 4, cancellation: Cancellation(), makeTransform: { _ in { $0 } },
            produce: { inputs throws(StageError) in
                for number in 0..<50 { try inputs.put(number) }
                throw StageError(.data, "torn")
            })
        var seen: [Int] = []
        do throws(StageError) {
            while let number = try map.next() { seen.append(number) }
            Issue.record("the failure was lost")
        } catch {
            #expect(error.message == "torn")
        }
        #expect(seen == Array(0..<50))
    }

    @Test("all threads end at the end", arguments: [1, 4])
    func end(workers: Int) throws {
        let ends = ThreadEnds()
        let map = Self.marked(ends, workers: workers) { inputs throws(StageError) in
            for number in 0..<10 { try inputs.put(number) }
        }
        while try map.next() != nil {}
        #expect(ends.wait(for: workers + 1))
    }

    @Test("released, it wakes a producer that waits for room", arguments: [1, 4])
    func releaseWhileFull(workers: Int) throws {
        let ends = ThreadEnds()
        let cancellation = Cancellation()
        do {
            let isFull = DispatchSemaphore(value: 0)
            let put = Counter()
            let map = Self.marked(ends, workers: workers, cancellation) { inputs throws(StageError) in
                while true {
                    // Three are on their way and one was taken, so this one has to wait.
                    if put.add(1) == 5 { isFull.signal() }
                    try inputs.put(1)
                }
            }
            _ = try map.next()
            isFull.wait()
            Self.pause()
        }
        #expect(ends.wait(for: workers + 1))
        #expect(cancellation.isCancelled)
    }

    @Test("released, it wakes workers that wait for work", arguments: [1, 4])
    func releaseWhileEmpty(workers: Int) throws {
        let ends = ThreadEnds()
        let cancellation = Cancellation()
        do {
            let map = Self.marked(ends, workers: workers, cancellation) { _ throws(StageError) in
                try Self.waitForCancellation(cancellation)
            }
            Self.pause()
            withExtendedLifetime(map) {}
        }
        #expect(ends.wait(for: workers + 1))
    }

    @Test("a cancellation from outside wakes the consumer where it waits", arguments: [1, 4])
    func cancellation(workers: Int) {
        let ends = ThreadEnds()
        let cancellation = Cancellation()
        do {
            let map = Self.marked(ends, workers: workers, cancellation) { inputs throws(StageError) in
                try inputs.put(1)
                try Self.waitForCancellation(cancellation)
            }
            DetachedThread.start {
                Self.pause()
                cancellation.cancel()
            }
            do throws(StageError) {
                while let number = try map.next() { #expect(number == 1) }
                Issue.record("a cut stream ended as if it were whole")
            } catch {
                #expect(error == .cancelled)
            }
        }
        #expect(ends.wait(for: workers + 1))
    }

    /// A map of whose threads each holds a mark.
    private static func marked(
        _ ends: ThreadEnds, workers: Int, _ cancellation: Cancellation = Cancellation(),
        produce: @escaping @Sendable (OrderedMap<Int, Int>.Inputs) throws(StageError) -> Void
    ) -> OrderedMap<Int, Int> {
        OrderedMap(
            workerCount: workers, bound: 3, cancellation: cancellation,
            makeTransform: { _ in
                let mark = ends.mark()
                return { number in
                    _ = mark
                    return number
                }
            },
            produce: { inputs throws(StageError) in
                let mark = ends.mark()
                defer { _ = mark }
                try produce(inputs)
            })
    }

    /// Time for threads to come to where they wait; too little only makes a test see less.
    private static func pause() { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 0.05) }

    private static func waitForCancellation(_ cancellation: Cancellation) throws(StageError) {
        while cancellation.waitUntilReady(-1, events: 0) {}
        throw .cancelled
    }
}
