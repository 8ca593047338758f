/// The mean AUC over groups of scores, a group being one user's: what GAUC and the user-mean AUC are made of.
///
/// Groups come one after the other; those without both classes are left out. Holds one group's scores at a time.
public struct GroupedAUC: Sendable {
    private var group = ScoresByClass()
    private var weightedAUC = CompensatedSum()
    private var plainAUC = CompensatedSum()
    /// Rows of the groups with both classes.
    private var weight = 0
    private var groups = 0

    /// No groups yet.
    public init() {}

    /// Adds one row of the current group; the score is finite.
    public mutating func append(_ score: Double, isPositive: Bool) {
        group.append(score, isPositive: isPositive)
    }

    /// Ends the current group.
    public mutating func endGroup() {
        group.sort()
        if let auc = group.areaUnderCurve {
            weightedAUC.add(auc * Double(group.count))
            plainAUC.add(auc)
            weight += group.count
            groups += 1
        }
        group.removeAll()
    }

    /// Mean AUC weighted by rows, of groups that ended; nil where none had both classes.
    public var weightedMean: Double? { groups == 0 ? nil : weightedAUC.value / Double(weight) }

    /// Plain mean AUC, of groups that ended; nil where none had both classes.
    public var mean: Double? { groups == 0 ? nil : plainAUC.value / Double(groups) }
}
