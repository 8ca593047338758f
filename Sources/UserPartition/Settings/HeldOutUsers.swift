public import Samples

/// Users whom the cloud never sees: they stand for people who come after the cloud model was trained.
///
/// Their samples are in the store like anybody's, split and to be tuned on, but count neither for the global CTR nor for
/// popularity, scaling or known ids, and the cloud model is not trained on them. Who they are depends on the user's key and
/// the seed alone, not on other users.
public struct HeldOutUsers: Sendable, Hashable {
    /// The share of users, in millionths: 1..<1,000,000.
    public var millionths: Int
    /// Another seed chooses other users.
    public var seed: UInt64

    /// A share in millionths, and the seed of the choice.
    public init(millionths: Int, seed: UInt64 = 1) {
        self.millionths = millionths
        self.seed = seed
    }

    /// Whether a user of a store, by the key there, is one of them.
    public func contains(_ user: UserKey) -> Bool { contains(hash: UserHash.hash(user)) }

    /// Whether the user with this hash is one of them.
    func contains(hash: UInt64) -> Bool {
        UserHash.slice(UserHash.choice(hash, salt: seed), of: 1_000_000) < millionths
    }

    func check() throws(StageError) {
        guard (1..<1_000_000).contains(millionths) else {
            throw StageError(.usage, "the share of held-out users must be above 0 and below 1")
        }
    }
}
