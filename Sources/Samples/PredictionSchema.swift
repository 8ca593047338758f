/// What the columns of a prediction stream are, and what the stream as a whole says of itself.
public struct PredictionSchema: Sendable, Hashable {
    /// Whether user keys are integers or text.
    public var userKind: KeyColumn.Kind
    /// The arms, in column order; arm `x` is column `logit_x`.
    public var arms: [String]
    /// The share of positive labels in all users' train parts.
    public var globalCTR: Double
    /// The seed of the run.
    public var seed: UInt64
    /// Number of users in the store, those without validation or test samples included.
    public var users: Int
    /// SHA-256 fingerprints, in hex, of what the predictions were made from (`store`, `model`, `settings`).
    public var fingerprints: [String: String]
    /// Whether rows say whose user was held out from the cloud; only where the store has such users.
    public var marksHeldOut: Bool

    /// A schema.
    public init(
        userKind: KeyColumn.Kind, arms: [String], globalCTR: Double, seed: UInt64, users: Int,
        fingerprints: [String: String], marksHeldOut: Bool = false
    ) {
        self.userKind = userKind
        self.arms = arms
        self.globalCTR = globalCTR
        self.seed = seed
        self.users = users
        self.fingerprints = fingerprints
        self.marksHeldOut = marksHeldOut
    }
}
