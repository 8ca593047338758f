/// What `evaluate` found in one prediction stream: how every arm ranks and how well it is calibrated.
///
/// With rows i of label yᵢ, logit zᵢ and prediction pᵢ = sigmoid(zᵢ), all in double:
///
/// - **AUC**: the share of (positive, negative) pairs in which the positive has the larger logit, a tie counting one half.
///   The pairs are counted in integers, so the result is exact up to the final division. This is the area that scikit-learn's
///   `roc_auc_score` finds by trapezoids.
/// - **GAUC**: Σᵤ nᵤ·AUCᵤ / Σᵤ nᵤ over the users with both classes in the part, nᵤ being the user's rows in it.
/// - **User-mean AUC**: the plain mean of the same AUCᵤ.
/// - **Log loss**: the mean of softplus(z) − y·z, that is −log p or −log(1 − p), computed from the logit without forming p. It is
///   exact for any logit. scikit-learn's `log_loss`, given the probabilities of both classes, clips them to [2⁻⁵², 1 − 2⁻⁵²]: the
///   two agree as long as no wrong logit is larger in size than 36.04; beyond that ours goes on growing with |z| where
///   scikit-learn's stands still. (Given p alone, scikit-learn takes 1 − p, which loses its digits from z ≈ 17 on.)
/// - **PCOC**: Σ p / Σ y.
/// - **ECE**: the rows, ordered by logit, are cut into ten bins, bin b holding the ranks ⌊b·n/10⌋ up to ⌊(b + 1)·n/10⌋; it is
///   Σ over bins of |Σ p − Σ y|, divided by n. Rows with equal logits have no order: where a cut falls among them, each side
///   takes its share of their rows with the mean of their labels. With fewer than ten rows some bins are empty.
/// - **User RCE**: the plain mean over the users with both classes of 1 − (mean loss of the user's rows) / H(ȳᵤ), with H(ȳ) the
///   entropy −ȳ log ȳ − (1 − ȳ) log(1 − ȳ) of the user's share of positives: what the best constant for that very user loses. 1 is
///   perfect, 0 no better than that constant; users with one class, whose entropy is 0, are left out, as of GAUC.
/// - **NDCG@k** and **hit rate**: means over ranked lists. A list is a user's rows of one impression list, or without such lists
///   all of a user's rows in the part; it is ranked if it holds more than k rows and both classes. NDCG@k is scikit-learn's
///   `ndcg_score`; a hit is a positive row in the first k places. Tied rows have no order: both are means over all their orders.
///
/// Every metric of all rows together, AUC, log loss, PCOC and ECE, is a function of the set of (label, logit) pairs: the order
/// of the rows cannot change a bit, nor can how many of them are held in memory at a time.
public struct RunMetrics: Sendable, Hashable {
    /// The seed of the run.
    public var seed: UInt64
    /// What the predictions were made from, as their schema says it; empty if it says nothing.
    public var fingerprints: [String: String]
    /// What was evaluated.
    public var scope: EvaluationScope
    /// One entry an arm, in the order of the stream's columns.
    public var arms: [ArmMetrics]
    /// Pairs of arms held against each other, user by user.
    public var comparisons: [ArmComparison]
    /// The same for some of the users, or of their rows.
    public var slices: [SliceMetrics]

    /// Metrics of arms with distinct names.
    public init(
        seed: UInt64, fingerprints: [String: String] = [:], scope: EvaluationScope, arms: [ArmMetrics],
        comparisons: [ArmComparison] = [], slices: [SliceMetrics] = []
    ) {
        self.seed = seed
        self.fingerprints = fingerprints
        self.scope = scope
        self.arms = arms
        self.comparisons = comparisons
        self.slices = slices
    }
}
