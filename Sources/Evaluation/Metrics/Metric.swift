/// A number that says how good an arm's scores are. The raw value is its key in `metrics.json` and `summary.json`.
///
/// Ranking metrics look at the order of the logits, the others at their sigmoid in double. `RunMetrics` defines each one.
public enum Metric: String, Sendable, Hashable, CaseIterable {
    /// Area under the ROC curve over all rows together.
    case auc
    /// Mean AUC of users with both classes, weighted by their rows.
    case gauc
    /// Unweighted mean AUC of users with both classes.
    case averageAUC = "avg_auc"
    /// Mean cross-entropy in nats.
    case logLoss = "logloss"
    /// Predicted clicks over observed clicks.
    case pcoc
    /// Expected calibration error over ten bins of equal frequency.
    case ece
    /// Mean over users with both classes of 1 − their mean cross-entropy over that of the best constant for them.
    case userRCE = "user_rce"
    /// Mean NDCG@k over ranked lists.
    case ndcg
    /// Share of ranked lists with a positive among the first k.
    case hitRate = "hit_rate"

    /// The metric's name for people.
    public var title: String {
        switch self {
        case .auc: "AUC"
        case .gauc: "GAUC"
        case .averageAUC: "user-mean AUC"
        case .logLoss: "log loss"
        case .pcoc: "PCOC"
        case .ece: "ECE"
        case .userRCE: "user RCE"
        case .ndcg: "NDCG"
        case .hitRate: "hit rate"
        }
    }

    /// Where an arm's metrics hold it.
    var keyPath: WritableKeyPath<ArmMetrics, Double?> {
        switch self {
        case .auc: \.auc
        case .gauc: \.gauc
        case .averageAUC: \.averageAUC
        case .logLoss: \.logLoss
        case .pcoc: \.pcoc
        case .ece: \.ece
        case .userRCE: \.userRCE
        case .ndcg: \.ndcg
        case .hitRate: \.hitRate
        }
    }

    /// Whether more is better. Of PCOC neither is: 1 is best.
    public var isBetterHigher: Bool {
        switch self {
        case .auc, .gauc, .averageAUC, .userRCE, .ndcg, .hitRate, .pcoc: true
        case .logLoss, .ece: false
        }
    }
}
