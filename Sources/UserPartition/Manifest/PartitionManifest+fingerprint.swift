import ByteStreams
import Crypto
import Samples

extension PartitionManifest {
    /// SHA-256, in hexadecimal, over everything that the manifest says, the checksums of all files included. Equal exactly
    /// for stores of equal content.
    public var fingerprint: String {
        SHA256.hash(data: Array(canonicalText.utf8)).hexadecimal
    }

    /// One line a fact, in a fixed order; names are quoted by their length, so that no two manifests share a text.
    private var canonicalText: String {
        var lines = ["plumb partition store \(Self.formatVersion)", "user \(storedSchema.userKind.rawValue)"]
        if storedSchema.hasGroups { lines.append("groups") }
        for (feature, size) in zip(storedSchema.features, storedDictionarySizes) {
            let encoding =
                switch feature.encoding {
                case .dictionary: "dictionary"
                case .hash(let size): "hash \(size)"
                case nil: "none"
                }
            lines.append("feature \(Self.quoted(feature.name)) \(feature.kind.rawValue) \(encoding) \(size ?? 0)")
        }
        lines.append("item \(storedSchema.item.map(String.init) ?? "none")")
        switch split {
        case .fractions(let train, let validation, let test):
            lines.append("split fractions \(train) \(validation) \(test)")
        case .last(let validation, let test): lines.append("split last \(validation) \(test)")
        case .dates(let validationFrom, let testFrom): lines.append("split dates \(validationFrom) \(testFrom)")
        }
        if let cloudUntil { lines.append("cloud until \(cloudUntil)") }
        lines.append("filter \(filter.fewestSamples) \(filter.mostSamples) \(filter.fewestPositives)")
        for reason in UserFilter.Reason.allCases {
            if let out = leftOut[reason] { lines.append("left out \(reason.rawValue) \(out.users) \(out.samples)") }
        }
        if let heldOut {
            lines.append("held out \(heldOut.choice.millionths) \(heldOut.choice.seed)")
            lines.append("held out users \(heldOut.users) \(heldOut.train.samples) \(heldOut.train.positives)")
        }
        lines.append("users \(users)")
        lines.append("samples \(samples.train) \(samples.validation) \(samples.test)")
        lines.append("users without \(usersWithout.train) \(usersWithout.validation) \(usersWithout.test)")
        lines.append("train positives \(trainPositives)")
        lines.append("cloud \(cloud.samples) \(cloud.positives)")
        if let history {
            lines.append("history \(history.length) \(history.reach.rawValue)")
            for feature in history.features { lines.append("history of \(Self.quoted(feature))") }
        }
        for scaling in scaling {
            lines.append(
                "scaling \(Self.quoted(scaling.feature)) \(scaling.kind.rawValue) \(scaling.offset) \(scaling.divisor)")
        }
        if let negatives {
            let settings = negatives.settings
            lines.append("negatives \(settings.perPositive) \(settings.draw.rawValue) \(settings.seed)")
            for feature in settings.itemFeatures { lines.append("with the item \(Self.quoted(feature))") }
            lines.append("negatives drawn \(negatives.drawn) missing \(negatives.missing)")
        }
        if let pseudonymKey { lines.append("pseudonym key \(Self.quoted(pseudonymKey))") }
        for bucket in buckets {
            lines.append("bucket samples \(bucket.samples) users \(bucket.users) index \(bucket.indexOffset)")
        }
        for (name, file) in files { lines.append("file \(name) \(file.bytes) \(file.sha256)") }
        return lines.joined(separator: "\n")
    }

    private static func quoted(_ name: String) -> String { "\(name.utf8.count):\(name)" }
}
