import Samples

extension ManifestDocument {
    /// The document of a manifest.
    init(_ manifest: PartitionManifest) {
        format = PartitionManifest.format
        version = PartitionManifest.formatVersion
        user = manifest.storedSchema.userKind.rawValue
        groups = manifest.storedSchema.hasGroups ? true : nil
        features = zip(manifest.storedSchema.features, manifest.storedDictionarySizes).map { feature, size in
            var written = Feature(name: feature.name, kind: feature.kind.rawValue, size: size)
            switch feature.encoding {
            case .dictionary: written.encoding = "dictionary"
            case .hash(let size):
                written.encoding = "hash"
                written.hashSize = size
            case nil: break
            }
            return written
        }
        item = manifest.storedSchema.item.map { manifest.storedSchema.features[$0].name }
        switch manifest.split {
        case .fractions(let train, let validation, let test):
            split = Split(fractions: Fractions(train: train, validation: validation, test: test))
        case .last(let validation, let test): split = Split(last: Last(validation: validation, test: test))
        case .dates(let validationFrom, let testFrom):
            split = Split(dates: Dates(validationFrom: validationFrom, testFrom: testFrom))
        }
        cloudUntil = manifest.cloudUntil
        let all = UserFilter()
        if manifest.filter != all {
            let filter = manifest.filter
            self.filter = Filter(
                minSamples: filter.fewestSamples == all.fewestSamples ? nil : filter.fewestSamples,
                maxSamples: filter.mostSamples == all.mostSamples ? nil : filter.mostSamples,
                minPositives: filter.fewestPositives == all.fewestPositives ? nil : filter.fewestPositives)
        }
        if !manifest.leftOut.isEmpty {
            leftOut = [:]
            for (reason, out) in manifest.leftOut {
                leftOut?[reason.rawValue] = LeftOut(users: out.users, samples: out.samples)
            }
        }
        users = manifest.users
        samples = Parts(manifest.samples)
        usersWithout = Parts(manifest.usersWithout)
        trainPositives = manifest.trainPositives
        heldOut = manifest.heldOut.map {
            HeldOut(
                millionths: $0.choice.millionths, seed: $0.choice.seed, users: $0.users, train: Clicks($0.train))
        }
        cloud = Clicks(manifest.cloud)
        history = manifest.history.map {
            History(features: $0.features, length: $0.length, reach: $0.reach.rawValue)
        }
        if !manifest.scaling.isEmpty {
            scaling = manifest.scaling.map {
                Scaling(feature: $0.feature, kind: $0.kind.rawValue, offset: $0.offset, divisor: $0.divisor)
            }
        }
        negatives = manifest.negatives.map {
            Negatives(
                perPositive: $0.settings.perPositive, draw: $0.settings.draw.rawValue,
                itemFeatures: $0.settings.itemFeatures, seed: $0.settings.seed, drawn: $0.drawn, missing: $0.missing)
        }
        pseudonymKey = manifest.pseudonymKey
        files = [:]
        for (name, file) in manifest.files { files[name] = File(bytes: file.bytes, sha256: file.sha256) }
        for (number, bucket) in manifest.buckets.enumerated() {
            files[StoreLayout.bucket(number)]?.samples = bucket.samples
            files[StoreLayout.bucket(number)]?.users = bucket.users
            files[StoreLayout.bucket(number)]?.indexOffset = bucket.indexOffset
        }
        fingerprint = manifest.fingerprint
    }

    /// The manifest; nil if a part of it makes no sense. Only names that a store of so many buckets has are taken.
    var manifest: PartitionManifest? {
        guard let schema, let split = split.split, (try? split.check()) != nil,
            let index = files[StoreLayout.index], let trainCounts = files[StoreLayout.trainCounts]
        else { return nil }
        var settings = PartitionSettings(split: split, cloudUntil: cloudUntil)
        if let filter {
            settings.filter = UserFilter(
                fewestSamples: filter.minSamples ?? settings.filter.fewestSamples,
                mostSamples: filter.maxSamples ?? settings.filter.mostSamples,
                fewestPositives: filter.minPositives ?? settings.filter.fewestPositives)
            guard (try? settings.filter.check()) != nil else { return nil }
        }
        var tally = StoreTally()
        for (name, out) in leftOut ?? [:] {
            guard let reason = UserFilter.Reason(rawValue: name) else { return nil }
            tally.leftOut[reason] = PartitionManifest.LeftOut(users: out.users, samples: out.samples)
        }
        if let heldOut {
            let choice = HeldOutUsers(millionths: heldOut.millionths, seed: heldOut.seed)
            guard (try? choice.check()) != nil else { return nil }
            settings.heldOut = choice
            tally.heldOutUsers = heldOut.users
            tally.heldOutTrain = heldOut.train.clicks
        }
        tally.users = users
        tally.samples = samples.counts
        tally.usersWithout = usersWithout.counts
        tally.trainPositives = trainPositives
        tally.cloud = cloud.clicks
        if let history {
            guard let reach = HistorySettings.Reach(rawValue: history.reach) else { return nil }
            settings.history = HistorySettings(features: history.features, length: history.length, reach: reach)
        }
        var scalings: [DenseScaling] = []
        for written in scaling ?? [] {
            guard let kind = DenseScaling.Kind(rawValue: written.kind) else { return nil }
            scalings.append(
                DenseScaling(feature: written.feature, kind: kind, offset: written.offset, divisor: written.divisor))
        }
        var drawn: PartitionManifest.Negatives?
        if let negatives {
            guard let draw = NegativeSettings.Draw(rawValue: negatives.draw) else { return nil }
            drawn = PartitionManifest.Negatives(
                settings: NegativeSettings(
                    perPositive: negatives.perPositive, draw: draw, itemFeatures: negatives.itemFeatures,
                    seed: negatives.seed), drawn: negatives.drawn, missing: negatives.missing)
        }
        var buckets: [PartitionManifest.Bucket] = []
        for number in 0..<(files.count - 2) {
            guard let file = files[StoreLayout.bucket(number)], let samples = file.samples, let users = file.users,
                let indexOffset = file.indexOffset
            else { return nil }
            buckets.append(
                PartitionManifest.Bucket(
                    file: PartitionManifest.File(bytes: file.bytes, sha256: file.sha256), samples: samples,
                    users: users, indexOffset: indexOffset))
        }
        return PartitionManifest(
            schema: schema, settings: settings, tally: tally, scaling: scalings, negatives: drawn,
            pseudonymKey: pseudonymKey, dictionarySizes: features.map(\.size), buckets: buckets,
            index: PartitionManifest.File(bytes: index.bytes, sha256: index.sha256),
            trainCounts: PartitionManifest.File(bytes: trainCounts.bytes, sha256: trainCounts.sha256))
    }

    private var schema: SampleSchema? {
        guard let userKind = KeyColumn.Kind(rawValue: user), groups != false else { return nil }
        var read: [SampleSchema.Feature] = []
        for feature in features {
            guard let kind = SampleSchema.Kind(rawValue: feature.kind) else { return nil }
            let encoding: SampleSchema.Encoding?
            switch (feature.encoding, feature.hashSize) {
            case (nil, nil): encoding = nil
            case ("dictionary", nil): encoding = .dictionary
            case ("hash", let size?) where size > 0 && size < 1 << 32: encoding = .hash(size: size)
            default: return nil
            }
            guard (kind == .dense) == (encoding == nil) else { return nil }
            read.append(SampleSchema.Feature(name: feature.name, kind: kind, encoding: encoding))
        }
        let place = item.flatMap { item in read.firstIndex { $0.name == item && $0.kind == .categorical } }
        guard (place == nil) == (item == nil) else { return nil }
        return SampleSchema(userKind: userKind, features: read, item: place, hasGroups: groups == true)
    }
}

extension ManifestDocument.Split {
    /// The split; nil unless exactly one rule stands there.
    fileprivate var split: Split? {
        switch (fractions, last, dates) {
        case (let shares?, nil, nil):
            .fractions(train: shares.train, validation: shares.validation, test: shares.test)
        case (nil, let last?, nil): .last(validation: last.validation, test: last.test)
        case (nil, nil, let dates?): .dates(validationFrom: dates.validationFrom, testFrom: dates.testFrom)
        default: nil
        }
    }
}
