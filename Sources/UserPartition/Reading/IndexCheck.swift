import Samples

/// Checks an index against the manifest.
enum IndexCheck {
    /// What is wrong with it; nil if nothing is. Cost: O(users).
    static func fault(in index: UserIndex, _ manifest: PartitionManifest) -> String? {
        guard index.count == manifest.users else {
            return "it has \(index.count) users, and the manifest says \(manifest.users)"
        }
        var found = manifest.buckets.map { _ in (users: 0, samples: 0) }
        var samples = PartitionManifest.Counts(train: 0, validation: 0, test: 0)
        var positives = 0
        var previousHash: UInt64 = 0
        for user in 0..<index.count {
            let bucket = Int(index.buckets[user])
            let hash = UserHash.hash(user, of: index.users)
            guard bucket < found.count else { return "it names a bucket that does not exist" }
            if user > 0 {
                let previous = Int(index.buckets[user - 1])
                let isInOrder =
                    previous < bucket
                    || previous == bucket
                        && index.users.standsBefore(user - 1, hash: previousHash, index.users, user, hash: hash)
                guard isInOrder else { return "its users are out of order" }
            }
            previousHash = hash
            guard index.areHeldOut[user] == manifest.heldOut?.choice.contains(hash: hash) ?? false else {
                return "user \(index.users[user]) is wrongly said to be held out or not"
            }
            guard index.samples(user) > 0, index.trainPositives[user] <= index.trainSamples[user],
                index.firstRows[user] == found[bucket].samples
            else { return "user \(index.users[user]) has impossible counts" }
            found[bucket].users += 1
            found[bucket].samples += index.samples(user)
            samples.train += Int(index.trainSamples[user])
            samples.validation += Int(index.validationSamples[user])
            samples.test += Int(index.testSamples[user])
            positives += Int(index.trainPositives[user])
        }
        let agrees = zip(found, manifest.buckets).allSatisfy { $0.users == $1.users && $0.samples == $1.samples }
        return agrees && samples == manifest.samples && positives == manifest.trainPositives
            ? nil : "its counts are not the manifest's"
    }
}
