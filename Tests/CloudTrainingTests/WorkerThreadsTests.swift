import Synchronization
import Testing

@testable import CloudTraining

@Suite("Threads that help", .timeLimit(.minutes(10)))
struct WorkerThreadsTests {
    /// What was done, number by number.
    private final class Calls: Sendable {
        /// Which round goes on; none between two.
        let round = Atomic(0)
        let counts: [Count]
        /// Calls outside their round.
        let late = Atomic(0)

        final class Count: Sendable {
            let value = Atomic(0)
        }

        init(most: Int) { counts = (0..<most).map { _ in Count() } }
    }

    @Test("do each number of a round once and nothing after it, however short the rounds", arguments: 1...8)
    func rounds(threads: Int) {
        let workers = WorkerThreads(count: threads)
        let calls = Calls(most: 20)
        for round in 1...30_000 {
            // As a training's steps: shards, then slices of the parameters; at times a single one, which needs no help.
            let count = round % 2 == 0 ? 8 : round % 97 == 0 ? 1 : 20
            calls.round.store(round, ordering: .sequentiallyConsistent)
            workers.perform(count) { index in
                if calls.round.load(ordering: .sequentiallyConsistent) != round {
                    calls.late.add(1, ordering: .relaxed)
                }
                calls.counts[index].value.add(1, ordering: .relaxed)
            }
            calls.round.store(0, ordering: .sequentiallyConsistent)
            for index in calls.counts.indices {
                let made = calls.counts[index].value.exchange(0, ordering: .sequentiallyConsistent)
                guard made == (index < count ? 1 : 0) else {
                    Issue.record("round \(round) of \(count) made \(made) calls with \(index)")
                    return
                }
            }
        }
        #expect(calls.late.load(ordering: .sequentiallyConsistent) == 0)
    }

    @Test("end, awake or asleep, when nobody holds them")
    func ends() {
        for round in 0..<500 {
            let workers = WorkerThreads(count: 4)
            let sum = Atomic(0)
            workers.perform(round % 20) { sum.add($0, ordering: .relaxed) }
            let count = round % 20
            #expect(sum.load(ordering: .relaxed) == count * (count - 1) / 2)
        }
    }
}
