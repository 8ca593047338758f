/// What is wanted of each user beside the predictions. It changes none of them.
struct UserExtras: Sendable, Hashable {
    /// The losses before and after each tuning.
    var measuresLosses = false
    /// What a device would keep.
    var keepsOverlays = false
}
