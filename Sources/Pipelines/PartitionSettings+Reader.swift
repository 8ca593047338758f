import LogIngest
import Samples
import UserPartition

extension PartitionSettings {
    /// The section `partition`. Relative paths start at `folder`. Features are held against those of `ingest`, where there is
    /// such a section.
    init(_ reader: SettingsReader, folder: String, ingest: IngestSettings?) {
        self.init()
        if let split = Split(reader) { self.split = split }
        cloudUntil = reader.time("cloud_until")
        filter = UserFilter(
            fewestSamples: reader.integer("min_samples", default: filter.fewestSamples, in: 1...Int.max),
            mostSamples: reader.optionalInteger("max_samples", in: 1...Int.max) ?? filter.mostSamples,
            fewestPositives: reader.integer("min_positives", default: filter.fewestPositives, in: 0...Int.max))
        if filter.mostSamples < max(filter.fewestSamples, filter.fewestPositives) {
            reader.fault("no user has so many samples or positives and so few samples at once", key: "max_samples")
        }
        heldOut = HeldOutUsers(reader)
        let features = ingest?.schema.features
        history = HistorySettings(reader.section("history"), of: features)
        let scaled = reader.section("scaling")
        for feature in scaled.names {
            scaling[feature] = scaled.choice(feature, default: DenseScaling.Kind.standard)
            if let features, !features.contains(where: { $0.name == feature && $0.kind == .dense }) {
                scaled.fault("there is no dense feature `\(feature)` to scale", key: feature)
            }
        }
        scaled.finish()
        negatives = NegativeSettings(reader.section("negatives"), of: ingest?.schema)
        pseudonymKeyFile = reader.text("pseudonymize").map { reader.opened($0, key: "pseudonymize", folder: folder) }
        if pseudonymKeyFile != nil, let feature = ingest?.featureOfUser {
            reader.fault(
                "the feature `\(feature)` is the user: its vocabulary would tell whose pseudonym is whose",
                key: "pseudonymize", advice: "take that feature out of `ingest`")
        }
        buckets = reader.integer("buckets", default: buckets, in: Self.bucketRange)
        memoryBytes = reader.bytes("memory", default: memoryBytes, in: 1 << 20...Int.max)
        reader.finish()
    }
}

extension Split {
    /// The key `split`; nil if it is faulty.
    fileprivate init?(_ reader: SettingsReader) {
        let expected = "three shares, `last` and two numbers, or `dates` and two dates"
        let words = reader.list("split", default: ["0.7", "0.1", "0.2"], expected: expected, shown: \.self) { $0 }
        func fault(_ advice: String) {
            reader.fault("`partition.split` must be \(expected)", key: "split", advice: advice)
        }
        switch words.first {
        case "last":
            let counts = words.dropFirst().compactMap { Int($0) }.filter { (0...Self.mostLast).contains($0) }
            guard words.count == 3, counts.count == 2, counts[0] + counts[1] > 0 else {
                fault("[last, 1, 1] puts each user's last sample into test and the one before it into validation")
                return nil
            }
            self = .last(validation: counts[0], test: counts[1])
        case "dates":
            let times = words.dropFirst().compactMap { ISO8601Time.milliseconds($0) }
            guard words.count == 3, times.count == 2, times[0] <= times[1] else {
                fault("[dates, 2024-02-01, 2024-02-15] says when validation begins, and when test does")
                return nil
            }
            self = .dates(validationFrom: times[0], testFrom: times[1])
        default:
            let shares = words.compactMap { Double($0) }.filter { (0...1).contains($0) }
            guard words.count == 3, shares.count == 3, shares[0] >= 1e-6, abs(shares.reduce(0, +) - 1) < 1e-6 else {
                fault("for example [0.7, 0.1, 0.2]: they make 1, and the first is above 0")
                return nil
            }
            self = .fractions(train: shares[0], validation: shares[1], test: shares[2])
        }
    }
}

extension HeldOutUsers {
    /// The keys `held_out` and `held_out_seed`; nil for nobody.
    fileprivate init?(_ reader: SettingsReader) {
        let millionths = reader.millionths("held_out", default: 0, in: 0...999_999)
        let seed = reader.seed("held_out_seed")
        if millionths == 0 { return nil }
        self.init(millionths: millionths, seed: seed)
    }
}

extension HistorySettings {
    /// The section `partition.history`; nil where it names no feature.
    fileprivate init?(_ reader: SettingsReader, of known: [SampleSchema.Feature]?) {
        let standard = Self(features: [])
        let features = reader.texts("features") ?? []
        let length = reader.integer("length", default: standard.length, in: Self.lengthRange)
        let reach = reader.choice("reach", default: standard.reach)
        reader.finish()
        if features.isEmpty { return nil }
        if Set(features).count < features.count {
            reader.fault("`\(reader.path).features` names a feature twice", key: "features")
        }
        for name in features {
            guard let known else { break }
            let feature = known.first { $0.name == name }
            if feature?.kind != .categorical {
                reader.fault(
                    feature == nil
                        ? "there is no feature `\(name)` to make a history of"
                        : "a history is made of categorical features, and `\(name)` is none", key: "features",
                    advice: "`ingest` makes \(known.map(\.name).joined(separator: ", "))")
            }
        }
        self.init(features: features, length: length, reach: reach)
    }
}

extension NegativeSettings {
    /// The section `partition.negatives`; nil where it asks for none.
    fileprivate init?(_ reader: SettingsReader, of schema: SampleSchema?) {
        let perPositive = reader.integer("per_positive", default: 0, in: 0...Self.perPositiveRange.upperBound)
        let draw = reader.choice("draw", default: Draw.uniform)
        let itemFeatures = reader.texts("item_features") ?? []
        let seed = reader.seed("seed")
        reader.finish()
        if perPositive == 0 { return nil }
        if Set(itemFeatures).count < itemFeatures.count {
            reader.fault("`\(reader.path).item_features` names a feature twice", key: "item_features")
        }
        if let schema {
            let item = schema.item.map { schema.features[$0].name }
            if item == nil {
                reader.fault("negatives are drawn items, and `ingest` names no item", key: "per_positive")
            }
            for name in itemFeatures where name == item || !schema.features.contains(where: { $0.name == name }) {
                reader.fault("there is no feature `\(name)` that could go with the item", key: "item_features")
            }
        }
        self.init(perPositive: perPositive, draw: draw, itemFeatures: itemFeatures, seed: seed)
    }
}

extension SettingsReader {
    /// A time in ISO 8601; nil if nobody set it.
    fileprivate func time(_ key: String) -> Int64? {
        optional(key, expected: "a date or a time in ISO 8601, as 2024-02-01") { ISO8601Time.milliseconds($0) }
    }

    /// A whole number in a range; nil if nobody set it.
    func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        optional(key, expected: "a whole number of at least \(range.lowerBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// What `parse` makes of a value; nil if nobody set it.
    private func optional<Value>(_ key: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(key) else { return nil }
        guard let value = parse(text) else {
            fault("`\(path).\(key)` must be \(expected), is `\(text)`", key: key)
            return nil
        }
        return value
    }

    /// A seed: a whole number of at least 0; by default 1.
    fileprivate func seed(_ key: String) -> UInt64 {
        value(key, default: 1 as UInt64, expected: "a whole number of at least 0") { UInt64($0) }
    }

    /// A share, as `10%` or `0.1`, in millionths.
    fileprivate func millionths(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        value(key, default: standard, expected: "a share from 0% to below 100%, as 10% or 0.1", shown: { "\($0)" }) {
            Share.millionths($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension IngestSettings {
    /// The name of a feature that is the user's key; nil if there is none.
    fileprivate var featureOfUser: String? {
        if roles.item == roles.user { return "item" }
        return features.first { $0.join == nil && $0.column == roles.user }?.name
    }
}
