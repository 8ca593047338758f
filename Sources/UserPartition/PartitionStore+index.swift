public import ByteStreams
import Samples

extension PartitionStore {
    /// The index of all users in store order, some thousand users at a time. Every iteration reads it anew, on a thread of its
    /// own.
    ///
    /// Ends with `data` where its columns are no index or a user has more positive train samples than train samples; that it agrees
    /// with the samples is not checked.
    public func indexBatches() -> ThreadedSequence<UserIndex> {
        ThreadedSequence { output throws(StageError) in
            let file = try TableFile(try StoreFileReader(opening: StoreLayout.index, in: folder))
            while let batch = try file.nextBatch() {
                guard let users = UserIndex(batch, kind: schema.userKind),
                    zip(users.trainPositives, users.trainSamples).allSatisfy({ $0 <= $1 })
                else { throw damaged(StoreLayout.index, "its columns are not those of an index") }
                try output.send(users)
            }
        }
    }
}
