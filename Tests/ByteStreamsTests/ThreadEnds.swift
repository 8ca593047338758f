import Dispatch
import Synchronization

/// Counts threads that ended: each holds a mark that is released with the closure that it runs.
final class ThreadEnds: Sendable {
    /// Held by one thread's closure.
    final class Mark: Sendable {
        private let ends: ThreadEnds

        fileprivate init(_ ends: ThreadEnds) {
            self.ends = ends
        }

        deinit {
            ends.ended.signal()
        }
    }

    private let ended = DispatchSemaphore(value: 0)

    func mark() -> Mark { Mark(self) }

    /// Whether so many marks are released within half a minute; far more than they take unless a thread hangs.
    func wait(for count: Int) -> Bool {
        let deadline = DispatchTime.now() + 30
        return (0..<count).allSatisfy { _ in ended.wait(timeout: deadline) == .success }
    }
}

/// A number that threads raise.
final class Counter: Sendable {
    private let count = Atomic(0)

    /// Adds to it and returns the sum.
    @discardableResult
    func add(_ number: Int) -> Int { count.add(number, ordering: .sequentiallyConsistent).newValue }

    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}
