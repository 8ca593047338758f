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
    struct Clicks: Codable {
        var samples: Int
        var positives: Int

        init(_ clicks: PartitionManifest.Clicks) {
            samples = clicks.samples
            positives = clicks.positives
        }

        var clicks: PartitionManifest.Clicks { PartitionManifest.Clicks(samples: samples, positives: positives) }
    }
    struct Fractions: Codable {
        var train: Double
        var validation: Double
        var test: Double
    }
    struct Last: Codable {
        var validation: Int
        var test: Int
    }
    /// Milliseconds since 1970-01-01 UTC.
    struct Dates: Codable {
        var validationFrom: Int64
        var testFrom: Int64
    }
    /// Exactly one of them.
    struct Split: Codable {
        var fractions: Fractions?
        var last: Last?
        var dates: Dates?
    }
    struct Filter: Codable {
        var minSamples: Int?
        var maxSamples: Int?
        var minPositives: Int?
    }
    struct LeftOut: Codable {
        var users: Int
        var samples: Int
    }
    struct HeldOut: Codable {
        var millionths: Int
        var seed: UInt64
        var users: Int
        var train: Clicks
    }
    struct History: Codable {
        var features: [String]
        var length: Int
        var reach: String
    }
    struct Scaling: Codable {
        var feature: String
        var kind: String
        var offset: Double
        var divisor: Double
    }
    struct Negatives: Codable {
        var perPositive: Int
        var draw: String
        var itemFeatures: [String]
        var seed: UInt64
        var drawn: Int
        var missing: Int
    }
    struct File: Codable {
        var bytes: Int
        var sha256: String
        var samples: Int?
        var users: Int?
        var indexOffset: Int?
    }

    var format: String
    var version: Int
    var user: String
    /// True, or missing where samples have no groups.
    var groups: Bool?
    var features: [Feature]
    var item: String?
    var split: Split
    var cloudUntil: Int64?
    var filter: Filter?
    var leftOut: [String: LeftOut]?
    var users: Int
    var samples: Parts
    var usersWithout: Parts
    var trainPositives: Int
    var heldOut: HeldOut?
    var cloud: Clicks
    var history: History?
    var scaling: [Scaling]?
    var negatives: Negatives?
    var pseudonymKey: String?
    var files: [String: File]
    var fingerprint: String
}
