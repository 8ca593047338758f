import Samples

/// What was counted over users of a store in the making; adds up over buckets.
struct StoreTally: Sendable, Hashable {
    /// Users.
    var users = 0
    /// Samples in each part.
    var samples = PartitionManifest.Counts()
    /// Users who have no sample in a part.
    var usersWithout = PartitionManifest.Counts()
    /// Positive samples in train parts.
    var trainPositives = 0
    /// Users who are held out.
    var heldOutUsers = 0
    /// Their train parts.
    var heldOutTrain = PartitionManifest.Clicks()
    /// What the cloud model may be trained on.
    var cloud = PartitionManifest.Clicks()
    /// Users left out by the filter, and their samples.
    var leftOut: [UserFilter.Reason: PartitionManifest.LeftOut] = [:]

    /// Counts a user who is taken in.
    mutating func add(_ user: LocalDatasetCounts) {
        users += 1
        samples.add(user.samples)
        usersWithout.train += user.samples.train == 0 ? 1 : 0
        usersWithout.validation += user.samples.validation == 0 ? 1 : 0
        usersWithout.test += user.samples.test == 0 ? 1 : 0
        trainPositives += user.trainPositives
        if user.isHeldOut {
            heldOutUsers += 1
            heldOutTrain.samples += user.samples.train
            heldOutTrain.positives += user.trainPositives
        } else {
            cloud.samples += user.cloudSamples
            cloud.positives += user.cloudPositives
        }
    }

    /// Counts a user who is left out.
    mutating func leaveOut(_ reason: UserFilter.Reason, samples: Int) {
        leftOut[reason, default: PartitionManifest.LeftOut()].users += 1
        leftOut[reason, default: PartitionManifest.LeftOut()].samples += samples
    }

    /// Adds what was counted elsewhere.
    mutating func add(_ other: StoreTally) {
        users += other.users
        samples.add(other.samples)
        usersWithout.add(other.usersWithout)
        trainPositives += other.trainPositives
        heldOutUsers += other.heldOutUsers
        heldOutTrain.add(other.heldOutTrain)
        cloud.add(other.cloud)
        for (reason, more) in other.leftOut {
            leftOut[reason, default: PartitionManifest.LeftOut()].users += more.users
            leftOut[reason, default: PartitionManifest.LeftOut()].samples += more.samples
        }
    }
}

/// What there is of one user.
struct LocalDatasetCounts: Sendable, Hashable {
    /// Samples in each part.
    var samples: PartitionManifest.Counts
    /// Positive samples in the train part.
    var trainPositives = 0
    /// Whether the cloud never sees the user.
    var isHeldOut = false
    /// Train samples, the first ones, that the cloud model may be trained on; 0 of a held-out user.
    var cloudSamples = 0
    /// Positive ones among them.
    var cloudPositives = 0
    /// Train samples, the first ones, that are earlier than the last one the cloud may see: what stands in histories that a
    /// model is trained on.
    var pastSamples = 0
}
