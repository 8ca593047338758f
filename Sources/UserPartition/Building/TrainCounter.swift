import Samples

/// Counts one feature's ids over samples that count, and notes the greatest id of all samples.
///
/// Memory grows with the number of ids seen, whatever their size: ids are near each other in an honest stream and lie
/// in an array; the far ones of any other stream go to a hash table.
struct TrainCounter: Sendable {
    /// Samples that hold an id, and how many of them are positive.
    struct Count: Sendable {
        var samples = 0
        var positives = 0
    }

    /// The greatest id in any sample, train or not.
    private(set) var greatestID: UInt32 = 0

    private var near: [Count] = []
    private var far: [UInt32: Count] = [:]
    private var seen = 0
    /// One row's distinct ids; kept for its capacity.
    private var distinct: [UInt32] = []

    /// Counts a batch: the greatest id of all rows, and the ids of those rows that count.
    mutating func add(_ column: FeatureColumn, labels: [Float], isCounted: [Bool]) {
        switch column {
        case .categorical(let ids):
            let greatest = ids.max() ?? 0
            greatestID = max(greatestID, greatest)
            if Int(greatest) < near.count {
                for row in ids.indices where isCounted[row] {
                    near[Int(ids[row])].samples += 1
                    near[Int(ids[row])].positives += labels[row] == 1 ? 1 : 0
                    seen += 1
                }
            } else {
                for row in ids.indices where isCounted[row] { count(ids[row], isPositive: labels[row] == 1) }
            }
        case .multivalued(let lists):
            greatestID = max(greatestID, lists.values.max() ?? 0)
            for row in isCounted.indices where isCounted[row] {
                distinct.removeAll(keepingCapacity: true)
                distinct.append(contentsOf: lists[row])
                distinct.sort()
                for place in distinct.indices where place == 0 || distinct[place] != distinct[place - 1] {
                    count(distinct[place], isPositive: labels[row] == 1)
                }
            }
        case .dense: break
        }
    }

    /// Adds what another counter has counted.
    mutating func add(_ other: TrainCounter) {
        greatestID = max(greatestID, other.greatestID)
        seen += other.seen
        if other.near.count > near.count { widen(past: UInt32(other.near.count - 1)) }
        for (id, count) in other.near.enumerated() where count.samples > 0 {
            near[id].samples += count.samples
            near[id].positives += count.positives
        }
        for (id, count) in other.far {
            if Int(id) < near.count {
                near[Int(id)].samples += count.samples
                near[Int(id)].positives += count.positives
            } else {
                far[id, default: Count()].samples += count.samples
                far[id, default: Count()].positives += count.positives
            }
        }
    }

    /// Hands on the ids that were counted, rising, with their counts.
    func forEach(_ body: (_ id: UInt32, _ count: Count) throws(StageError) -> Void) throws(StageError) {
        for (id, count) in near.enumerated() where count.samples > 0 { try body(UInt32(id), count) }
        // All of them lie beyond the array.
        for id in far.keys.sorted() {
            if let count = far[id] { try body(id, count) }
        }
    }

    /// The ids that were counted, rising, with their counts.
    var counts: [(id: UInt32, count: Count)] {
        var all: [(id: UInt32, count: Count)] = []
        // Nothing in it throws.
        do throws(StageError) { try forEach { id, count in all.append((id, count)) } } catch {}
        return all
    }

    private mutating func count(_ id: UInt32, isPositive: Bool) {
        seen += 1
        if Int(id) >= near.count {
            guard Int(id) < 65_536 + 4 * seen else {
                far[id, default: Count()].add(isPositive)
                return
            }
            widen(past: id)
        }
        near[Int(id)].add(isPositive)
    }

    /// Makes the array hold `id`, and moves into it what it now covers.
    private mutating func widen(past id: UInt32) {
        let count = max(Int(id) + 1, near.count + near.count / 4)
        near.append(contentsOf: repeatElement(Count(), count: count - near.count))
        guard !far.isEmpty else { return }
        for (id, count) in far where Int(id) < near.count { near[Int(id)] = count }
        far = far.filter { $0.key >= near.count }
    }
}

extension TrainCounter.Count {
    fileprivate mutating func add(_ isPositive: Bool) {
        samples += 1
        if isPositive { positives += 1 }
    }
}
