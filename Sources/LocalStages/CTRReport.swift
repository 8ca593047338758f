public import LabelCorrection
public import Samples

/// What `ctr` says of all users' train parts: counts, the global CTR, and how far users' local CTRs drift from it. The
/// content of `ctr.json`.
public struct CTRReport: Sendable, Hashable {
    /// Train samples and positives of all users together.
    public var counts: ClickCounts
    /// All users, those without train samples included.
    public var users: Int
    /// Users without a train sample: they have no local CTR and stand in no quantile.
    public var usersWithoutTrain: Int
    /// Users whose train labels are all 1.
    public var allPositiveUsers: Int
    /// Users whose train labels are all 0.
    public var allNegativeUsers: Int
    /// Quantiles of the local CTR over users with train samples; nil without such users.
    public var localCTR: Quantiles?
    /// Quantiles of the CTR drift, `q - p`, over the same users.
    public var drift: Quantiles?

    /// The share of positives; inside (0, 1), or there would be nothing to align labels to.
    public var globalCTR: GlobalCTR

    /// A report over users' train counts, given in any order. Throws `data` unless some samples are positive and some not.
    public init(users: some Sequence<ClickCounts>) throws(StageError) {
        var total = ClickCounts()
        var locals: [Double] = []
        (self.users, usersWithoutTrain, allPositiveUsers, allNegativeUsers) = (0, 0, 0, 0)
        for counts in users {
            self.users += 1
            total += counts
            guard let localCTR = counts.ctr else {
                usersWithoutTrain += 1
                continue
            }
            if counts.positives == counts.samples { allPositiveUsers += 1 }
            if counts.positives == 0 { allNegativeUsers += 1 }
            locals.append(localCTR)
        }
        counts = total
        guard let share = total.ctr else {
            throw StageError(.data, "no train samples, hence no global CTR")
        }
        do throws(LabelCorrectionError) {
            globalCTR = try GlobalCTR(share)
        } catch {
            throw StageError(
                .data,
                "the global CTR is \(total.positives == 0 ? 0 : 1): \(total.positives == 0 ? "none" : "all") of the"
                    + " \(total.samples) train samples are positive",
                advice: "check the label rule")
        }
        locals.sort()
        localCTR = Quantiles(sorted: locals)
        drift = Quantiles(sorted: locals.map { [globalCTR] in globalCTR.drift(of: $0) })
    }

    /// Users whose train labels are all alike.
    public var singleClassUsers: Int { allPositiveUsers + allNegativeUsers }
}
