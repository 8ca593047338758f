import Synchronization

/// Counters of ids that threads share: each takes a set of them for a bucket and gives it back, so that there are no more sets
/// than threads. Sums do not depend on who counted what.
final class IDCounts: Sendable {
    private let features: Int
    private let free = Mutex<[[TrainCounter]]>([])

    /// For so many features, histories among them.
    init(features: Int) {
        self.features = features
    }

    /// A set of counters, one a feature, nobody else's until it is given back.
    func take() -> [TrainCounter] {
        free.withLock { $0.popLast() } ?? Array(repeating: TrainCounter(), count: features)
    }

    /// Gives a set back.
    func giveBack(_ counters: [TrainCounter]) {
        free.withLock { $0.append(counters) }
    }

    /// All sets together; none is out any more.
    func sum() -> [TrainCounter] {
        var sets = free.withLock { sets in
            defer { sets = [] }
            return sets
        }
        var sum = sets.popLast() ?? Array(repeating: TrainCounter(), count: features)
        for set in sets {
            for feature in sum.indices { sum[feature].add(set[feature]) }
        }
        return sum
    }
}
