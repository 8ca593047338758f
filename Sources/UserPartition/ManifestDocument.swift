import Samples

/// The shape of `manifest.json`: names and numbers as they are written, before anything is believed.
struct ManifestDocument: Codable {
    /// What every version of the format says first.
    struct Header: Codable {
        var format: String
        var version: Int
    }
    struct Feature: Codable {
        var name: String
        var kind: String
        var encoding: String?
        var hashSize: Int?
        var size: Int?
    }
    struct Parts: Codable {
        var train: Int
        var validation: Int
        var test: Int

        init(_ counts: PartitionManifest.Counts) {
            train = counts.train
            validation = counts.validation
            test = counts.test
        }

        var counts: PartitionManifest.Counts {
            PartitionManifest.Counts(train: train, validation: validation, test: test)
        }
    }
    struct Fractions: Codable {
        var train: Double
        var validation: Double
        var test: Double
    }
    struct Split: Codable {
        var fractions: Fractions?
    }
    struct File: Codable {
        var bytes: Int
        var sha256: String
        var samples: Int?
        var users: Int?
    }

    var format: String
    var version: Int
    var user: String
    /// True, or missing where samples have no groups.
    var groups: Bool?
    var features: [Feature]
    var item: String?
    var split: Split
    var users: Int
    var samples: Parts
    var usersWithout: Parts
    var trainPositives: Int
    var files: [String: File]
    var fingerprint: String

    init(_ manifest: PartitionManifest) {
        format = PartitionManifest.format
        version = PartitionManifest.formatVersion
        user = manifest.schema.userKind.rawValue
        groups = manifest.schema.hasGroups ? true : nil
        features = zip(manifest.schema.features, manifest.dictionarySizes).map { feature, size in
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
        item = manifest.schema.item.map { manifest.schema.features[$0].name }
        switch manifest.split {
        case .fractions(let train, let validation, let test):
            split = Split(fractions: Fractions(train: train, validation: validation, test: test))
        }
        users = manifest.users
        samples = Parts(manifest.samples)
        usersWithout = Parts(manifest.usersWithout)
        trainPositives = manifest.trainPositives
        files = [:]
        for (name, file) in manifest.files { files[name] = File(bytes: file.bytes, sha256: file.sha256) }
        for (number, bucket) in manifest.buckets.enumerated() {
            files[StoreLayout.bucket(number)]?.samples = bucket.samples
            files[StoreLayout.bucket(number)]?.users = bucket.users
        }
        fingerprint = manifest.fingerprint
    }

    /// The manifest; nil if a part of it makes no sense. Only names that a store of so many buckets has are taken.
    var manifest: PartitionManifest? {
        guard let schema, let fractions = split.fractions,
            let index = files[StoreLayout.index], let trainCounts = files[StoreLayout.trainCounts]
        else { return nil }
        let split = UserPartition.Split.fractions(
            train: fractions.train, validation: fractions.validation, test: fractions.test)
        guard (try? split.check()) != nil else { return nil }
        var buckets: [PartitionManifest.Bucket] = []
        for number in 0..<(files.count - 2) {
            guard let file = files[StoreLayout.bucket(number)], let samples = file.samples, let users = file.users
            else { return nil }
            buckets.append(
                PartitionManifest.Bucket(
                    file: PartitionManifest.File(bytes: file.bytes, sha256: file.sha256), samples: samples,
                    users: users))
        }
        return PartitionManifest(
            schema: schema, split: split, users: users, samples: samples.counts,
            usersWithout: usersWithout.counts, trainPositives: trainPositives,
            dictionarySizes: features.map(\.size), buckets: buckets,
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
