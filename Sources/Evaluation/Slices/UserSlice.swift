#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Some of an evaluation's users, and which of their rows.
struct UserSlice: Sendable {
    enum Rows: Sendable { case all, seen, unseen }

    /// Places of the users in `EvaluatedUsers`.
    let users: [Int]
    let rows: Rows

    init(_ users: [Int], rows: Rows = .all) {
        self.users = users
        self.rows = rows
    }

    init(allOf evaluated: EvaluatedUsers) { self.init(Array(0..<evaluated.count)) }

    /// What each user weighs in the mean that a metric is; 0 where the user does not count.
    func weights(of metric: Metric, in all: EvaluatedUsers) -> [Double] {
        users.map { user in
            let isRanked = hasBothClasses(user, all)
            return switch metric {
            case .gauc: isRanked ? Double(samples(user, all)) : 0
            case .averageAUC, .userRCE: isRanked ? 1 : 0
            case .logLoss: Double(all.samples[user])
            case .ndcg, .hitRate: Double(all.lists[user])
            case .auc: 1
            // No means over users.
            case .pcoc, .ece: 0
            }
        }
    }

    /// What each user adds to the sum that is divided by the weights' sum.
    func sums(of metric: Metric, _ arm: Int, in all: EvaluatedUsers) -> [Double] {
        let weights = weights(of: metric, in: all)
        let numbers = all.arms[arm]
        return users.enumerated().map { place, user in
            if weights[place] == 0 { return 0 }
            return switch metric {
            case .gauc, .averageAUC: weights[place] * auc(user, numbers)
            case .userRCE: all.relativeCrossEntropy(user, arm)
            case .logLoss: numbers.loss[user]
            case .ndcg: numbers.ndcg[user]
            case .hitRate: numbers.hits[user]
            case .auc: numbers.influence[user] * Double(users.count)
            case .pcoc, .ece: 0
            }
        }
    }

    /// AUC of the users who have one.
    func aucs(_ arm: Int, in all: EvaluatedUsers) -> [Double] {
        users.filter { hasBothClasses($0, all) }.map { auc($0, all.arms[arm]) }
    }

    /// A metric that is a mean over users, of one arm; nil where nobody counts.
    func mean(of metric: Metric, _ arm: Int, in all: EvaluatedUsers) -> Double? {
        let means = UserBootstrap.Means(
            weights: weights(of: metric, in: all), sums: [sums(of: metric, arm, in: all)])
        return means.value(0).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Users with rows of the slice.
    func userCount(in all: EvaluatedUsers) -> Int { users.count { samples($0, all) > 0 } }

    /// Rows that belong to the slice.
    func sampleCount(in all: EvaluatedUsers) -> Int { users.reduce(0) { $0 + samples($1, all) } }

    private func samples(_ user: Int, _ all: EvaluatedUsers) -> Int {
        switch rows {
        case .all: all.samples[user]
        case .seen: all.seenSamples[user]
        case .unseen: all.samples[user] - all.seenSamples[user]
        }
    }

    private func hasBothClasses(_ user: Int, _ all: EvaluatedUsers) -> Bool {
        let positives =
            switch rows {
            case .all: all.positives[user]
            case .seen: all.seenPositives[user]
            case .unseen: all.positives[user] - all.seenPositives[user]
            }
        return positives > 0 && positives < samples(user, all)
    }

    private func auc(_ user: Int, _ arm: EvaluatedUsers.Arm) -> Double {
        switch rows {
        case .all: arm.auc[user]
        case .seen: arm.seenAUC[user]
        case .unseen: arm.unseenAUC[user]
        }
    }
}

extension EvaluatedUsers {
    /// 1 − the mean cross-entropy of a user's rows over that of the best constant, the user's own share of positives; of a user
    /// with both classes.
    func relativeCrossEntropy(_ user: Int, _ arm: Int) -> Double {
        let share = Double(positives[user]) / Double(samples[user])
        let entropy = -share * log(share) - (1 - share) * log(1 - share)
        return 1 - arms[arm].loss[user] / Double(samples[user]) / entropy
    }
}
