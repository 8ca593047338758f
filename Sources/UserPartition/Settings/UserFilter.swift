import Samples

/// Which users a store takes in, by what the log holds of them. The others are left out whole, and counted.
public struct UserFilter: Sendable, Hashable {
    /// Fewest samples of a user, in all parts together.
    public var fewestSamples: Int
    /// Most samples of a user: who has more is no person.
    public var mostSamples: Int
    /// Fewest positive samples of a user, in all parts together.
    public var fewestPositives: Int

    /// A filter; by default it leaves nobody out.
    public init(fewestSamples: Int = 1, mostSamples: Int = .max, fewestPositives: Int = 0) {
        self.fewestSamples = fewestSamples
        self.mostSamples = mostSamples
        self.fewestPositives = fewestPositives
    }

    /// Why a user is left out.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Fewer samples than asked for.
        case tooFewSamples = "too few samples"
        /// More samples than allowed.
        case tooManySamples = "too many samples"
        /// Fewer positive samples than asked for.
        case tooFewPositives = "too few positives"
    }

    /// The first reason to leave a user out; nil if there is none.
    func reason(samples: Int, positives: @autoclosure () -> Int) -> Reason? {
        if samples < fewestSamples { return .tooFewSamples }
        if samples > mostSamples { return .tooManySamples }
        return fewestPositives > 0 && positives() < fewestPositives ? .tooFewPositives : nil
    }

    func check() throws(StageError) {
        guard fewestSamples >= 1, fewestPositives >= 0, mostSamples >= fewestSamples, mostSamples >= fewestPositives
        else {
            throw StageError(.usage, "no user can have so many samples and positives at once")
        }
    }
}
