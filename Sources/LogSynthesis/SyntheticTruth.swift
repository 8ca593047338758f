/// The truth of every user as chunks of CSV, the most active user first: header
/// `user,local_ctr,drift,logit_drift,activity`.
///
/// `drift` is the local CTR minus the settings' global CTR, `logit_drift` the same of logits. `activity` is the expected
/// number of rows over the mean of all users. Numbers are written with all their digits. Memory does not depend on users.
public struct SyntheticTruth: Sequence, IteratorProtocol {
    private static let chunkUsers = 4096

    private let population: SyntheticPopulation
    private var rank = 0

    /// The truth of a population's users.
    public init(_ population: SyntheticPopulation) {
        self.population = population
    }

    /// The next users; nil behind the last.
    public mutating func next() -> [UInt8]? {
        let settings = population.settings
        guard rank < settings.users else { return nil }
        var text = rank == 0 ? "user,local_ctr,drift,logit_drift,activity\n" : ""
        let globalLogit = PortableMath.logit(settings.globalCTR)
        let end = Swift.min(rank + Self.chunkUsers, settings.users)
        while rank < end {
            rank += 1
            let user = population.user(ofActivityRank: rank)
            let logit = population.localLogit(ofUser: user)
            let ctr = PortableMath.sigmoid(logit)
            let activity = population.activityShare(ofRank: rank) * Double(settings.users)
            text += "\(user),\(ctr),\(ctr - settings.globalCTR),\(logit - globalLogit),\(activity)\n"
        }
        return Array(text.utf8)
    }
}
