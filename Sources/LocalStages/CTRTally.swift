public import LabelCorrection
public import Samples

/// How many users have which train counts: all that `ctr` needs to know of a store, and, as it only counts, it can be added up over
/// stores whose users differ.
///
/// Holds some 50 bytes for each pair of counts that occurs, whatever the number of users.
public struct CTRTally: Sendable, Hashable {
    /// Train samples and positives of all users together.
    public private(set) var counts = ClickCounts()
    /// All users, those without train samples included.
    public private(set) var users = 0
    /// Users without a train sample: they have no local CTR.
    public private(set) var usersWithoutTrain = 0
    /// Users whose train labels are all 1.
    public private(set) var allPositiveUsers = 0
    /// Users whose train labels are all 0.
    public private(set) var allNegativeUsers = 0

    private var usersByCounts: [ClickCounts: Int] = [:]

    /// A tally of no users.
    public init() {}

    /// Users whose train labels are all alike.
    public var singleClassUsers: Int { allPositiveUsers + allNegativeUsers }

    /// Distinct pairs of counts, those of no samples left out.
    public var pairCount: Int { usersByCounts.count }

    /// The users with train samples by their counts, few samples first, then few positives. Sorts all pairs.
    public var rows: [(counts: ClickCounts, users: Int)] {
        usersByCounts.map { (counts: $0.key, users: $0.value) }
            .sorted { ($0.counts.samples, $0.counts.positives) < ($1.counts.samples, $1.counts.positives) }
    }

    /// Adds users, 0 or more, who each have these counts. Throws `data` if a sum passes the greatest `Int`, which no log's does.
    public mutating func add(_ each: ClickCounts, users more: Int = 1) throws(StageError) {
        precondition(more >= 0)
        let (samples, isProductTooGreat) = each.samples.multipliedReportingOverflow(by: more)
        let (allSamples, isSumTooGreat) = counts.samples.addingReportingOverflow(samples)
        let (allUsers, areUsersTooMany) = users.addingReportingOverflow(more)
        guard !isProductTooGreat, !isSumTooGreat, !areUsersTooMany else {
            throw StageError(.data, "samples or users add up to more than \(Int.max)")
        }
        guard more > 0 else { return }
        // There are never more positives than samples.
        counts = ClickCounts(samples: allSamples, positives: counts.positives + each.positives * more)
        users = allUsers
        guard each.samples > 0 else {
            usersWithoutTrain += more
            return
        }
        if each.positives == each.samples { allPositiveUsers += more }
        if each.positives == 0 { allNegativeUsers += more }
        usersByCounts[each, default: 0] += more
    }

    /// Adds another tally, of other users. Throws as `add` does.
    public mutating func add(_ other: CTRTally) throws(StageError) {
        for (each, users) in other.usersByCounts { try add(each, users: users) }
        try add(ClickCounts(), users: other.usersWithoutTrain)
    }
}
