import Samples
import Testing

@testable import ByteStreams

@Suite("An ordered map fed by a task", .timeLimit(.minutes(10)))
struct FedMapTests {
    @Test("gives outputs in the inputs' order, however far the feeding is ahead", arguments: [1, 2, 7], [1, 3, 16])
    func order(workers: Int, bound: Int) async throws {
        let map = FedMap<Int, Int>(workerCount: workers, bound: bound) { _ in
            { number in
                // Some take longer, so that later ones overtake them.
                for _ in 0..<(number % 7 * 300) { _ = Counter() }
                return number * 2
            }
        }
        var fed = 0
        var seen: [Int] = []
        while true {
            while map.hasRoom && fed < 300 {
                try map.put(fed)
                fed += 1
            }
            #expect(fed - seen.count <= bound)
            guard let number = try await map.next() else { break }
            seen.append(number)
        }
        #expect(seen == (0..<300).map { $0 * 2 })
        map.finish()
        #expect(try await map.next() == nil)
    }

    @Test("all threads end when it is released, with inputs on their way or without", arguments: [0, 5])
    func release(inputs: Int) async throws {
        let ends = ThreadEnds()
        do {
            let map = FedMap<Int, Int>(workerCount: 3, bound: 8) { cancellation in
                let mark = ends.mark()
                return { number in
                    withExtendedLifetime(mark) {}
                    // Works until it is asked to stop.
                    while !cancellation.isCancelled && number > 0 {}
                    return number
                }
            }
            for number in 0..<inputs { try map.put(number) }
            if inputs > 0 { #expect(try await map.next() == 0) }
        }
        #expect(ends.wait(for: 3))
    }

    @Test("a task that is cancelled while it waits gets `cancelled`, and the workers are told")
    func cancellation() async throws {
        let ends = ThreadEnds()
        let task = Task { () -> StageError? in
            let map = FedMap<Int, Int>(workerCount: 1, bound: 1) { cancellation in
                let mark = ends.mark()
                return { number in
                    withExtendedLifetime(mark) {}
                    while !cancellation.isCancelled {}
                    return number
                }
            }
            do throws(StageError) {
                try map.put(1)
                _ = try await map.next()
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        #expect(ends.wait(for: 1))
    }
}
