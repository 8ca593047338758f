import Samples

/// What the first samples of a log come to: counts by user and feature. Its size grows with users and hashed ids.
struct HeadTally: Sendable {
    /// One user's samples.
    struct User: Sendable, Hashable {
        var samples = 0
        var positives = 0
        /// The time of the first one, and whether another has a different one.
        var time: Int64
        var hasSeveralTimes = false
    }

    /// One feature's values.
    struct Feature: Sendable, Hashable {
        /// Samples with id 0, or an empty list.
        var without = 0
        /// Ids of the longest list.
        var longestList = 0
        /// The numbers of a dense feature.
        var numbers: ClosedRange<Float>?
        /// Ids met.
        var ids: Set<UInt32> = []
    }

    private(set) var samples = 0
    private(set) var positives = 0
    private(set) var times: ClosedRange<Int64>?
    private(set) var users: [UserKey: User] = [:]
    private(set) var features: [Feature] = []
    /// The first samples.
    private(set) var shown: SampleBatch?

    private static let mostShown = 5

    /// Counts a batch.
    mutating func add(_ batch: SampleBatch) {
        if features.isEmpty { features = batch.features.map { _ in Feature() } }
        var first = shown ?? SampleBatch(batch.schema)
        first.append(contentsOf: 0..<min(batch.count, Self.mostShown - first.count), of: batch)
        shown = first
        samples += batch.count
        for row in 0..<batch.count {
            let (time, isPositive) = (batch.times[row], batch.labels[row] == 1)
            if isPositive { positives += 1 }
            let span = times ?? time...time
            times = min(span.lowerBound, time)...max(span.upperBound, time)
            var user = users[batch.users[row]] ?? User(time: time)
            user.samples += 1
            if isPositive { user.positives += 1 }
            if user.time != time { user.hasSeveralTimes = true }
            users[batch.users[row]] = user
        }
        for (index, column) in batch.features.enumerated() { features[index].add(column) }
    }

    /// How far users' local CTRs lie apart.
    var spread: LocalCTRSpread { LocalCTRSpread(users.values.map { ($0.samples, $0.positives) }) }
}

extension HeadTally.Feature {
    fileprivate mutating func add(_ column: FeatureColumn) {
        switch column {
        case .categorical(let ids):
            for id in ids {
                if id == 0 { without += 1 } else { self.ids.insert(id) }
            }
        case .multivalued(let lists):
            for row in 0..<lists.count {
                let list = lists[row]
                if list.isEmpty { without += 1 }
                longestList = max(longestList, list.count)
                ids.formUnion(list)
            }
        case .dense(let values):
            for value in values {
                let range = numbers ?? value...value
                numbers = min(range.lowerBound, value)...max(range.upperBound, value)
            }
        }
    }
}
