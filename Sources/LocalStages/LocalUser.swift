import LabelCorrection
import Samples

/// One user's samples in a batch, and what tuning may know of them.
struct LocalUser {
    /// Where all samples stand.
    let parts: UserParts
    /// The train samples that are learnt from: the newest, as many as the settings allow.
    let learnt: Range<Int>
    /// The counts of the whole train part.
    let train: ClickCounts
    /// The counts of `learnt`: all that a device would know of the user's level.
    let known: ClickCounts
    /// Decides the shuffles of every tuning.
    let seed: UInt64

    /// What goes into the model: the samples that are learnt from or scored.
    var rows: Range<Int> { learnt.lowerBound..<parts.test.upperBound }
    /// The samples that are learnt from, counted from the first of `rows`.
    var learntPlaces: Range<Int> { 0..<learnt.count }
    /// The scored samples, counted from the first of `rows`.
    var scoredPlaces: Range<Int> { learnt.count..<rows.count }
}
