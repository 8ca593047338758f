public import ByteStreams
import Samples

extension PartitionStore {
    /// The index of all selected users in store order, some thousand users at a time. Every iteration reads it anew, on a
    /// thread of its own.
    ///
    /// Ends with `data` where its columns are no index or a user has more positive train samples than train samples; that it
    /// agrees with the samples is not checked.
    public func indexBatches() -> ThreadedSequence<UserIndex> {
        ThreadedSequence { output throws(StageError) in
            try readIndex { users throws(StageError) in
                guard zip(users.trainPositives, users.trainSamples).allSatisfy({ $0 <= $1 }) else {
                    throw damaged(StoreLayout.index, "its columns are not those of an index")
                }
                let chosen = selectedUsers(of: users)
                if chosen.count > 0 { try output.send(chosen) }
                return true
            }
        }
    }

    private func selectedUsers(of users: UserIndex) -> UserIndex {
        let chosen = (0..<users.count).filter { isSelected($0, of: users.users) }
        if chosen.count == users.count { return users }
        var selected = UserIndex(users.users.kind)
        for user in chosen { selected.append(contentsOf: user..<user + 1, of: users) }
        return selected
    }
}
