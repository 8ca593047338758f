public import CTRModels

extension LocalTuner {
    /// Starts on a user with weights that were kept: scores come out as in the session that made them, bit for bit, also for
    /// samples that were not there then, whose other rows are the cloud's. Cost: as `begin`, and the overlay.
    ///
    /// This is for scoring. To learn from samples that have come since, `begin` from the cloud's weights with all samples that
    /// are to count: so was it measured offline, nothing piles up over the sessions, and the new overlay is whole.
    ///
    /// - Parameters:
    ///   - samples: all samples that will be scored.
    ///   - kept: the user's, made with this cloud model.
    /// - Throws: `otherModel` if the overlay belongs to another cloud model; the user then has the cloud's weights.
    public mutating func begin(_ samples: ModelInput, with kept: Overlay) throws(FineTuningError) {
        begin(samples)
        guard kept.cloudChecksum == cloudChecksum, kept.layout == cloud.parameters.layout else {
            throw FineTuningError(.otherModel, "the overlay was made for another cloud model")
        }
        kept.write(to: &overlay)
    }
}
