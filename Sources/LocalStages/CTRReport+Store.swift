import LabelCorrection
public import Samples
public import UserPartition

extension CTRReport {
    /// Makes sure that this was measured on a store, on all of it or on the users that are selected in it, alone or among
    /// others. Throws `data` if it was not.
    public func check(against store: PartitionStore) throws(StageError) {
        if case .users(_, let stores) = origin, stores.contains(store.identity) { return }
        try check(against: store.manifest)
    }

    /// Makes sure that this was measured on the store with `manifest`, alone or among others.
    ///
    /// Throws `data` if it was not; where the stores are not known, if its counts are not that store's. What devices sent fits
    /// every store: nobody knows whose they are.
    public func check(against manifest: PartitionManifest) throws(StageError) {
        guard case .users(_, let stores) = origin else { return }
        if stores.contains(manifest.fingerprint) { return }
        if stores.isEmpty && counts.samples == manifest.measured.samples
            && counts.positives == manifest.measured.positives
        {
            return
        }
        throw StageError(
            .data,
            "the global CTR was measured on \(stores.count > 1 ? "\(stores.count) other stores" : "another store"):"
                + " \(counts.positives) of \(counts.samples) train samples are positive there, \(manifest.measured.positives)"
                + " of \(manifest.measured.samples) here",
            advice: "measure it anew with `plumb ctr`")
    }
}
