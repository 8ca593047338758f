/// The learning rate as a function of the step, without hidden state: a factor on the optimiser's rate.
///
/// Over the first `warmupSteps` w steps it rises evenly, step t = 0, 1, … having the factor (t + 1) / w, so that step w
/// − 1 has the whole rate. After them, with x = (t − w) / (total − w),
///
///     constant   1
///     linear     1 − x
///     cosine     (1 + cos πx) / 2        (Loshchilov and Hutter 2017, arXiv 1608.03983, without restarts)
///
/// No step before `total` has a factor of 0.
public struct LearningRateSchedule: Sendable, Hashable {
    /// What the rate does after the warm-up.
    public enum Decay: String, Sendable, Hashable, CaseIterable {
        /// It stays.
        case constant
        /// It falls evenly to 0 at the last step's end.
        case linear
        /// It falls along half a wave to 0 at the last step's end.
        case cosine
    }

    /// What the rate does after the warm-up.
    public var decay: Decay
    /// Steps over which the rate rises, 0 or more.
    public var warmupSteps: Int

    /// A schedule; the default is the whole rate from the first step on.
    public init(_ decay: Decay = .constant, warmupSteps: Int = 0) {
        precondition(warmupSteps >= 0)
        self.decay = decay
        self.warmupSteps = warmupSteps
    }

    /// The factor of step `step`, counted from 0, of `total`; from `total` on that of `total`.
    public func factor(step: Int, of total: Int) -> Double {
        if step < warmupSteps { return Double(step + 1) / Double(warmupSteps) }
        if decay == .constant { return 1 }
        guard step < total else { return 0 }
        let x = Double(step - warmupSteps) / Double(total - warmupSteps)
        return decay == .linear ? 1 - x : (1 + CMath.cosine(.pi * x)) / 2
    }
}
