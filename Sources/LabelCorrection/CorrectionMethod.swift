/// How what a model learns from one user's train part is moved from the user's local CTR `q` towards the global CTR `p`.
///
/// The first three change labels, the other two what a label counts for. `docs/correction.md` derives each.
public enum CorrectionMethod: String, Sendable, Hashable, CaseIterable {
    /// `y·p/q` where `q > p`, `y + (1 - y)·(p - q)/(1 - q)` where `q < p`, `y` where they are equal: of all affine maps of
    /// labels that take the mean to `p` and stay in [0, 1] the one with the greatest slope. For a `q` of 0 or 1 every label
    /// becomes `p`.
    case rescale
    /// `y + (p - q)`: the mean becomes `p`; labels may leave [0, 1], where cross-entropy on logits stays defined but need not
    /// have a finite optimum.
    case additive
    /// `(1 - ε)·y + ε·p`: a control, as the mean stays `(1 - ε)·q + ε·p`. Knows of no `q`, hence of no prior strength.
    case smoothing
    /// Labels stay; the loss of positives weighs `p/q`, that of negatives `(1 - p)/(1 - q)`: a control, the importance weights
    /// of label shift. The weighted mean of labels is `p`.
    case reweight
    /// Labels stay; `logit q - logit p` is added to the logit while training and left out when scoring: a control (Menon et al.,
    /// *Long-Tail Learning via Logit Adjustment*, ICLR 2021).
    case logitAdjust = "logit-adjust"

    /// Whether labels themselves are changed; otherwise they are trained on as they are, with weights or an offset.
    public var changesLabels: Bool {
        switch self {
        case .rescale, .additive, .smoothing: true
        case .reweight, .logitAdjust: false
        }
    }
}
