import LabelCorrection
public import Samples
public import UserPartition

extension CTRReport {
    /// Makes sure that this was measured on the store with `manifest`. Throws `data` if its counts are not that store's.
    public func check(against manifest: PartitionManifest) throws(StageError) {
        guard counts.samples == manifest.measured.samples, counts.positives == manifest.measured.positives else {
            throw StageError(
                .data,
                "the global CTR was measured on another store: \(counts.positives) of \(counts.samples) train samples are"
                    + " positive there, \(manifest.measured.positives) of \(manifest.measured.samples) here",
                advice: "measure it anew with `plumb ctr`")
        }
    }
}
