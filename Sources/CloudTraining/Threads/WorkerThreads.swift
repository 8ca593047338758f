import ByteStreams
import Dispatch
import Synchronization

/// Some threads that wait to help with a closure called for many numbers: the `perform` of a training step, a thousand
/// times a second and more.
///
/// The caller works too, and waits for nobody who has not begun: a thread that wakes late costs nothing but its help.
/// The threads end when this is released.
final class WorkerThreads: Sendable {
    private let shared = Shared()
    private let helpers: Int

    /// `count` threads, the caller's among them.
    init(count: Int) {
        precondition(count > 0)
        helpers = count - 1
        for _ in 0..<helpers {
            let helper = Helper()
            shared.helpers.withLock { $0.append(helper) }
            DetachedThread.start { [shared] in Self.help(shared, helper) }
        }
    }

    deinit {
        shared.isEnded.store(true, ordering: .sequentiallyConsistent)
        shared.wakeAll()
    }

    /// Calls `body` with 0, 1, … below `count`, each once, in any order, on any of the threads; returns after the last.
    /// One call at a time.
    func perform(_ count: Int, _ body: @Sendable (Int) -> Void) {
        guard helpers > 0, count > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            shared.job.withLock { $0 = body }
            shared.finished.store(0, ordering: .relaxed)
            let last = Ticket(bits: shared.ticket.load(ordering: .relaxed))
            shared.ticket.store(last.nextRound(count: count).bits, ordering: .sequentiallyConsistent)
            shared.wakeAll()
            shared.work(on: body)
            shared.wait(forAll: count)
            shared.job.withLock { $0 = nil }
        }
    }

    private static func help(_ shared: Shared, _ helper: Helper) {
        var round = Ticket(bits: 0).round
        while true {
            round = shared.waitForWork(after: round, helper)
            if shared.isEnded.load(ordering: .sequentiallyConsistent) { return }
            shared.work(on: nil)
        }
    }

    /// A thread's bed.
    private final class Helper: Sendable {
        let isAsleep = Atomic(false)
        let wakes = DispatchSemaphore(value: 0)
    }

    /// A round (16 bits), how many numbers it has and the next that is to be given out (24 bits each), in one word: who
    /// sees one of them of a round sees all three of it. The word of a round that is over gives out no number, so only
    /// the word that stands there can; that rounds come again after 65,536 does no harm but that a thread that slept
    /// through them all does not help with one.
    private struct Ticket {
        let bits: UInt64

        static let mostNumbers = 1 << 24 - 1

        var round: UInt64 { bits >> 48 }
        var count: Int { Int(bits >> 24 & 0xFF_FFFF) }
        var next: Int { Int(bits & 0xFF_FFFF) }
        var isUsedUp: Bool { next >= count }

        /// The same round with its next number given out.
        var taken: Ticket { Ticket(bits: bits + 1) }

        /// The first of the next round.
        func nextRound(count: Int) -> Ticket {
            precondition(count <= Self.mostNumbers)
            return Ticket(bits: (round &+ 1) << 48 | UInt64(count) << 24)
        }
    }

    private final class Shared: Sendable {
        /// A `Ticket`: who takes a number takes it of the round whose closure is then there until that number is done.
        let ticket = Atomic<UInt64>(0)
        let finished = Atomic(0)
        let job = Mutex<(@Sendable (Int) -> Void)?>(nil)
        let helpers = Mutex<[Helper]>([])
        let isEnded = Atomic(false)
        let callerIsAsleep = Atomic(false)
        let callerWakes = DispatchSemaphore(value: 0)

        /// Looks at an atomic before a thread lies down, some microseconds: most waits between two phases are shorter.
        static let looks = 4000

        /// Takes numbers until there are none left.
        func work(on known: (@Sendable (Int) -> Void)?) {
            var body = known
            while let taken = take() {
                if body == nil { body = job.withLock { $0 } }
                body?(taken.next)
                body = known
                // From the last `finished` on the next round may begin: what this one was is known from its ticket
                // alone.
                let done = finished.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                if done == taken.count { wakeCaller() }
            }
        }

        /// The ticket that gives out the next number, if there is one.
        private func take() -> Ticket? {
            var seen = Ticket(bits: ticket.load(ordering: .acquiring))
            while !seen.isUsedUp {
                let (isTaken, now) = ticket.compareExchange(
                    expected: seen.bits, desired: seen.taken.bits, ordering: .sequentiallyConsistent)
                if isTaken { return seen }
                seen = Ticket(bits: now)
            }
            return nil
        }

        private func wakeCaller() {
            if callerIsAsleep.exchange(false, ordering: .sequentiallyConsistent) { callerWakes.signal() }
        }

        func wakeAll() {
            let helpers = helpers.withLock { $0 }
            for helper in helpers where helper.isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
                helper.wakes.signal()
            }
        }

        /// Waits for a round after `round` and returns it.
        func waitForWork(after round: UInt64, _ helper: Helper) -> UInt64 {
            func now() -> UInt64? {
                let now = Ticket(bits: ticket.load(ordering: .sequentiallyConsistent)).round
                return now != round || isEnded.load(ordering: .sequentiallyConsistent) ? now : nil
            }
            for _ in 0..<Self.looks {
                if let now = now() { return now }
            }
            while true {
                helper.isAsleep.store(true, ordering: .sequentiallyConsistent)
                if let now = now() {
                    // Who takes the mark away owes a signal.
                    if !helper.isAsleep.exchange(false, ordering: .sequentiallyConsistent) { helper.wakes.wait() }
                    return now
                }
                helper.wakes.wait()
                if let now = now() { return now }
            }
        }

        /// Waits until `count` numbers, all of the round, are done.
        func wait(forAll count: Int) {
            func isDone() -> Bool { finished.load(ordering: .sequentiallyConsistent) == count }
            for _ in 0..<Self.looks where isDone() { return }
            while true {
                callerIsAsleep.store(true, ordering: .sequentiallyConsistent)
                if isDone() {
                    // Who takes the mark away owes a signal.
                    if !callerIsAsleep.exchange(false, ordering: .sequentiallyConsistent) { callerWakes.wait() }
                    return
                }
                // Looks again: a thread that finished an earlier round may only now come to wake this one.
                callerWakes.wait()
            }
        }
    }
}
