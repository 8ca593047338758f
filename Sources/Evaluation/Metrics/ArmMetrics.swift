/// One arm's metrics over the evaluated rows; nil where a metric is undefined.
public struct ArmMetrics: Sendable, Hashable {
    /// The arm's name; `cloud`, `finetuned`, `corrected`, …
    public var arm: String
    /// Pooled area under the ROC curve, 0...1, ties counted half; nil unless both classes occur.
    public var auc: Double?
    /// Mean AUC of the users with both classes, weighted by their rows; nil where there is no such user.
    public var gauc: Double?
    /// Unweighted mean AUC of the users with both classes; nil where there is no such user.
    public var averageAUC: Double?
    /// Mean cross-entropy in nats, 0 or more.
    public var logLoss: Double?
    /// Sum of predictions over sum of labels, 1 where they agree; nil without a positive label.
    public var pcoc: Double?
    /// Expected calibration error, 0...1.
    public var ece: Double?
    /// Mean relative cross-entropy of the users with both classes, at most 1; nil where there is no such user.
    public var userRCE: Double?
    /// Mean NDCG@k of the ranked lists, 0...1; nil where there is none.
    public var ndcg: Double?
    /// Share of ranked lists with a positive row in the first k places, 0...1; nil where there is none.
    public var hitRate: Double?

    /// Metrics of `arm`, all undefined until set.
    public init(
        arm: String, auc: Double? = nil, gauc: Double? = nil, averageAUC: Double? = nil, logLoss: Double? = nil,
        pcoc: Double? = nil, ece: Double? = nil, userRCE: Double? = nil, ndcg: Double? = nil, hitRate: Double? = nil
    ) {
        self.arm = arm
        self.auc = auc
        self.gauc = gauc
        self.averageAUC = averageAUC
        self.logLoss = logLoss
        self.pcoc = pcoc
        self.ece = ece
        self.userRCE = userRCE
        self.ndcg = ndcg
        self.hitRate = hitRate
    }

    /// The value of one metric; nil where it is undefined.
    public subscript(metric: Metric) -> Double? {
        get { self[keyPath: metric.keyPath] }
        set { self[keyPath: metric.keyPath] = newValue }
    }
}
