import ByteStreams
import Dispatch
import Synchronization

/// Some threads that wait to help with a closure called for many numbers: the `perform` of a training step, a thousand times
/// a second and more.
///
/// The caller works too, and waits for nobody who has not begun: a thread that wakes late costs nothing but its help. The
/// threads end when this is released.
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
        shared.isEnded.store(true, ordering: .releasing)
        shared.wakeAll()
    }

    /// Calls `body` with 0, 1, … below `count`, each once, in any order, on any of the threads; returns after the last.
    /// One call at a time.
    func perform(_ count: Int, _ body: @Sendable (Int) -> Void) {
        guard helpers > 0, count > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        precondition(count < Int(UInt32.max))
        withoutActuallyEscaping(body) { body in
            shared.job.withLock { $0 = body }
            shared.count.store(count, ordering: .relaxed)
            shared.finished.store(0, ordering: .relaxed)
            let round = shared.ticket.load(ordering: .relaxed) >> 32 &+ 1
            shared.ticket.store(round << 32, ordering: .sequentiallyConsistent)
            shared.wakeAll()
            shared.work(on: body)
            shared.waitForTheLast()
            shared.job.withLock { $0 = nil }
        }
    }

    private static func help(_ shared: Shared, _ helper: Helper) {
        var round: UInt64 = 0
        while true {
            round = shared.waitForWork(after: round, helper)
            if shared.isEnded.load(ordering: .acquiring) { return }
            shared.work(on: nil)
        }
    }

    /// A thread's bed.
    private final class Helper: Sendable {
        let isAsleep = Atomic(false)
        let wakes = DispatchSemaphore(value: 0)
    }

    private final class Shared: Sendable {
        /// The round in the high half, the next number to be given out in the low one: who takes a number takes it of the
        /// round whose closure is then there until that number is done.
        let ticket = Atomic<UInt64>(0)
        let count = Atomic(0)
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
            while let index = take() {
                if body == nil { body = job.withLock { $0 } }
                body?(index)
                body = known
                let isLast =
                    finished.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                    == count.load(ordering: .relaxed)
                if isLast, callerIsAsleep.exchange(false, ordering: .sequentiallyConsistent) { callerWakes.signal() }
            }
        }

        /// The next number, if there is one.
        private func take() -> Int? {
            var seen = ticket.load(ordering: .acquiring)
            while Int(seen & 0xFFFF_FFFF) < count.load(ordering: .relaxed) {
                let (isTaken, now) = ticket.compareExchange(
                    expected: seen, desired: seen + 1, ordering: .sequentiallyConsistent)
                if isTaken { return Int(seen & 0xFFFF_FFFF) }
                seen = now
            }
            return nil
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
                let now = ticket.load(ordering: .sequentiallyConsistent) >> 32
                return now != round || isEnded.load(ordering: .acquiring) ? now : nil
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

        /// Waits until all numbers are done.
        func waitForTheLast() {
            func isDone() -> Bool {
                finished.load(ordering: .sequentiallyConsistent) == count.load(ordering: .relaxed)
            }
            for _ in 0..<Self.looks where isDone() { return }
            callerIsAsleep.store(true, ordering: .sequentiallyConsistent)
            if isDone() {
                if !callerIsAsleep.exchange(false, ordering: .sequentiallyConsistent) { callerWakes.wait() }
                return
            }
            callerWakes.wait()
        }
    }
}
