import Samples

/// The evaluated rows of one user, and the means over them. Its memory is used again for the next user.
struct UserRows: Sendable {
    private var labels: [Bool] = []
    private var seen: [Bool] = []
    /// The impression list of each row; empty where the stream has none.
    private var groups: [Int64] = []
    private var scores: [[Double]]
    private let top: Int
    // Scratch.
    private var all = ScoresByClass()
    private var part = ScoresByClass()
    private var ranked: [(score: Double, isPositive: Bool)] = []

    init(arms: Int, top: Int) {
        scores = Array(repeating: [], count: arms)
        self.top = top
    }

    var count: Int { labels.count }

    /// Adds a row that belongs to the part; an arm's score comes by `append(_:arm:)`.
    mutating func append(isPositive: Bool, isSeen: Bool, group: Int64?) {
        labels.append(isPositive)
        seen.append(isSeen)
        if let group { groups.append(group) }
    }

    /// Adds the next row's score of one arm.
    mutating func append(_ score: Double, arm: Int) { scores[arm].append(score) }

    /// Adds the user to `users`, and forgets the rows.
    ///
    /// - Parameters:
    ///   - train: samples, and positive ones, of the user's train part.
    ///   - isHeldOut: whether the cloud saw none of them.
    mutating func end(_ train: (samples: Int, positives: Int), isHeldOut: Bool, in users: inout EvaluatedUsers) {
        users.samples.append(count)
        users.positives.append(labels.count { $0 })
        users.seenSamples.append(seen.count { $0 })
        users.seenPositives.append(zip(labels, seen).count { $0 && $1 })
        users.trainSamples.append(train.samples)
        users.trainPositives.append(train.positives)
        users.areHeldOut.append(isHeldOut)
        let lists = lists
        var counted = 0
        for arm in scores.indices {
            all.removeAll()
            var loss = CompensatedSum()
            for (row, score) in scores[arm].enumerated() {
                all.append(score, isPositive: labels[row])
                loss.add(softplus(labels[row] ? -score : score))
            }
            all.sort()
            users.arms[arm].auc.append(all.areaUnderCurve ?? 0)
            users.arms[arm].seenAUC.append(auc(arm, ofSeen: true))
            users.arms[arm].unseenAUC.append(auc(arm, ofSeen: false))
            users.arms[arm].loss.append(loss.value)
            users.arms[arm].influence.append(0)
            counted = 0
            var (ndcg, hits) = (0.0, 0.0)
            for list in lists {
                ranked.removeAll(keepingCapacity: true)
                for row in list { ranked.append((scores[arm][row], labels[row])) }
                ranked.sort { $0.score > $1.score }
                guard let measured = RankedList(ranked, top: top) else { continue }
                counted += 1
                ndcg += measured.ndcg
                hits += measured.hit
            }
            users.arms[arm].ndcg.append(ndcg)
            users.arms[arm].hits.append(hits)
            scores[arm].removeAll(keepingCapacity: true)
        }
        users.lists.append(counted)
        labels.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
    }

    /// The lists that were shown: runs of one group, or without groups all rows.
    private var lists: [Range<Int>] {
        guard groups.count == count else { return [0..<count] }
        return KeyColumn.integers(groups).runs
    }

    private mutating func auc(_ arm: Int, ofSeen isSeen: Bool) -> Double {
        part.removeAll()
        for (row, score) in scores[arm].enumerated() where seen[row] == isSeen {
            part.append(score, isPositive: labels[row])
        }
        part.sort()
        return part.areaUnderCurve ?? 0
    }
}
