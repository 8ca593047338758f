public import Samples

extension PartitionStore {
    /// The same store, of which only some users' samples are read. Its manifest and the counts of ids stay those of the whole.
    public func selecting(_ users: UserSelection) -> PartitionStore {
        var store = self
        store.selection = selection.map { $0.intersection(users) } ?? users
        return store
    }

    /// The same store, of which held-out users' samples are not read: what the cloud sees.
    public func withoutHeldOutUsers() -> PartitionStore {
        var store = self
        store.leavesOutHeldOut = manifest.heldOut != nil
        return store
    }

    /// The rows of a batch that are to be read; nil if that is all of them.
    func selectedRows(of batch: SampleBatch) -> SampleBatch? {
        guard selection != nil || leavesOutHeldOut else { return nil }
        let users = batch.userRanges
        let chosen = users.filter { isSelected($0.lowerBound, of: batch.users) }
        if chosen.count == users.count { return nil }
        var rows = SampleBatch(batch.schema, partitioned: true)
        for range in chosen { rows.append(contentsOf: range, of: batch) }
        // A last user who goes on is in it, or its rest will not be either.
        rows.continuesUser = batch.continuesUser && chosen.last == users.last
        return rows
    }

    /// Whether a row's user is to be read.
    func isSelected(_ row: Int, of users: KeyColumn) -> Bool {
        if leavesOutHeldOut, let choice = manifest.heldOut?.choice, choice.contains(hash: UserHash.hash(row, of: users))
        {
            return false
        }
        return selection?.contains(row, of: users) ?? true
    }
}
