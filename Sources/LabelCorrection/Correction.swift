#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Bionic)
import Bionic
#elseif canImport(Darwin)
import Darwin
#endif

/// How one user's train part is corrected; a value of settings.
///
/// With `n` train samples, `k` of them positive, and the global CTR `p`, the formulas of `CorrectionMethod` are computed with
/// `q = (k + m·p) / (n + m)`. A prior strength `m` of 0 makes that the local CTR itself; above 0 it is the local CTR shrunk
/// towards `p`, which lies inside (0, 1) for every user, and means come between the local and the global CTR.
public struct Correction: Sendable, Hashable {
    /// What is done.
    public var method: CorrectionMethod
    /// Weight of the global CTR in the `q` of the formulas, in samples: `m`, 0 or more. `smoothing` has no `q`.
    public var priorStrength: Double
    /// `ε` of `smoothing`, in 0...1; no other method has one.
    public var smoothing: Double

    /// A correction; `priorStrength` is finite and at least 0, `smoothing` in 0...1.
    public init(_ method: CorrectionMethod = .rescale, priorStrength: Double = 0, smoothing: Double = 0.1) {
        precondition(priorStrength >= 0 && priorStrength.isFinite && (0...1).contains(smoothing))
        self.method = method
        self.priorStrength = priorStrength
        self.smoothing = smoothing
    }

    /// Whether the method has a formula for this user.
    ///
    /// `reweight` and `logit-adjust` have none where all labels are alike and `priorStrength` is 0, as they divide by `q` and
    /// `1 - q`; above 0 they have one, though no weight can lend a user the class that is missing. Without samples there is
    /// nothing to correct, and every method is defined. For whom a method is not defined nothing is changed: labels stay, there
    /// are no weights and the offset is 0.
    public func isDefined(for train: ClickCounts) -> Bool {
        method.changesLabels || train.samples == 0 || !train.isSingleClass || priorStrength > 0
    }

    // MARK: What to train on

    /// Corrects one user's train labels in place; `reweight` and `logit-adjust` leave them as they are. Order and count stay.
    ///
    /// - Parameters:
    ///   - labels: `n` labels in 0...1; any `n`, 0 too. Their sum is the formulas' `k`.
    ///   - globalCTR: the formulas' `p`.
    ///
    /// Every method maps labels by one affine function of a slope of at least 0, rounded to `Float` at the end, so that no order
    /// is turned. Sums in `Double`; at most two passes; allocates nothing.
    public func correct(_ labels: inout MutableSpan<Float>, to globalCTR: GlobalCTR) {
        guard !labels.isEmpty, method.changesLabels else { return }
        var sum = 0.0
        for index in labels.indices { sum += Double(labels[index]) }
        let p = globalCTR.value
        let q = shrunk(sum, of: Double(labels.count), towards: p)
        switch method {
        case .rescale where q > p: labels.replaceEach { $0 * (p / q) }
        case .rescale where q < p: labels.replaceEach { $0 + (1 - $0) * ((p - q) / (1 - q)) }
        case .additive: labels.replaceEach { $0 + (p - q) }
        case .smoothing: labels.replaceEach { (1 - smoothing) * $0 + smoothing * p }
        case .rescale, .reweight, .logitAdjust: break
        }
    }

    /// The same over an array.
    public func correct(_ labels: inout [Float], to globalCTR: GlobalCTR) {
        var span = labels.mutableSpan
        correct(&span, to: globalCTR)
    }

    /// What the loss of a positive and of a negative sample is weighed by; nil where all weigh 1.
    ///
    /// With a prior strength of 0 the mean weight of the user's samples is 1, so that steps are as long as without weights.
    public func classWeights(_ train: ClickCounts, globalCTR: GlobalCTR) -> ClassWeights? {
        guard method == .reweight, train.samples > 0, isDefined(for: train) else { return nil }
        let weights = importance(train, p: globalCTR.value)
        return weights == ClassWeights(positive: 1, negative: 1) ? nil : weights
    }

    /// What is added to the logit while training, and not when scoring: `logit q - logit p` for `logit-adjust`, 0 for all others.
    public func trainingOffset(_ train: ClickCounts, globalCTR: GlobalCTR) -> Double {
        guard method == .logitAdjust, train.samples > 0, isDefined(for: train) else { return 0 }
        let weights = importance(train, p: globalCTR.value)
        return log(weights.negative) - log(weights.positive)
    }

    // MARK: What comes of it

    /// The CTR that a model tuned so is drawn to predict on average when it scores; inside (0, 1). For prior restoration.
    ///
    /// The mean of the labels that it is trained on, weighted where there are weights; for `logit-adjust` the local CTR with its
    /// logit moved back by the offset, which comes to the same as for `reweight`. It is `p` for `rescale`, `additive`, `reweight`
    /// and `logit-adjust` with a prior strength of 0, and for a user without samples, with whom nothing is trained.
    ///
    /// A mean of 0 or 1 has no logit. It is what is left where all labels are alike and stay so: in `smoothing` by an `ε` of 0,
    /// in `reweight` and in `logit-adjust`. There the local CTR counts as `(k + 1/2) / (n + 1)`, as if half a sample of either
    /// class had come.
    public func trainedCTR(_ train: ClickCounts, globalCTR: GlobalCTR) -> Double {
        let p = globalCTR.value
        guard train.samples > 0 else { return p }
        let n = Double(train.samples)
        let k = Double(train.positives)
        let local = k / n
        let halved = (k + 0.5) / (n + 1)
        let q = shrunk(k, of: n, towards: p)
        let mean: Double
        switch method {
        case .smoothing: mean = (1 - smoothing) * local + smoothing * p
        case .reweight, .logitAdjust:
            guard isDefined(for: train) else { return halved }
            let weights = importance(train, p: p)
            let share = train.isSingleClass ? halved : local
            mean = share * weights.positive / (share * weights.positive + (1 - share) * weights.negative)
        case .rescale where q > p: mean = local * (p / q)
        case .rescale where q < p: mean = local + (1 - local) * ((p - q) / (1 - q))
        case .rescale, .additive: mean = local + (p - q)
        }
        return mean > 0 && mean < 1 ? mean : halved
    }

    // MARK: Parts

    /// `(k + m·p) / (n + m)`.
    private func shrunk(_ k: Double, of n: Double, towards p: Double) -> Double {
        (k + priorStrength * p) / (n + priorStrength)
    }

    /// `p/q` and `(1 - p)/(1 - q)`: how much more often a class comes with a CTR of `p` than with `q`. Not infinite even where
    /// the prior strength is so small that `q` is rounded to 0 or 1.
    private func importance(_ train: ClickCounts, p: Double) -> ClassWeights {
        let n = Double(train.samples)
        let k = Double(train.positives)
        // Not 1 - q, which would lose the digits of a q near 1.
        let (positive, negative) = (shrunk(k, of: n, towards: p), shrunk(n - k, of: n, towards: 1 - p))
        return ClassWeights(
            positive: p / max(positive, .leastNormalMagnitude),
            negative: (1 - p) / max(negative, .leastNormalMagnitude))
    }
}

extension MutableSpan<Float> {
    fileprivate mutating func replaceEach(_ map: (Double) -> Double) {
        for index in indices { self[index] = Float(map(Double(self[index]))) }
    }
}
