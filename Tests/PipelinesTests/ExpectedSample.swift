import ByteStreams
import LogIngest
import OrderedJSON
import Samples

/// What an ingest finds in a sample, or what the script that made the sample says that it must find.
struct ExpectedSample: Equatable {
    /// A dictionary feature's keys in the order of their ids, each with the rows that it occurs in.
    struct Keys: Equatable {
        var feature: String
        var counts: [String]
    }

    var rows: Int
    /// Impression lists; 0 without.
    var groups: Int
    var positives: Int
    var users: Int
    /// Sum of all times, in seconds.
    var seconds: Int64
    /// Keys in all rows of all multi-valued features.
    var values: Int
    /// Rows without a row in the side table, by feature; none of 0.
    var misses: [String: Int]
    var keys: [Keys]

    /// Reads an `expected.json`.
    init(_ expected: JSONNode) throws {
        rows = try expected.member("rows").integer()
        groups = try expected.member("groups").integer()
        positives = try expected.member("positives").integer()
        users = try expected.member("users").integer()
        seconds = try expected.member("seconds").integer()
        values = try expected.member("values").integer()
        misses = [:]
        for (feature, count) in try expected.member("misses").members() { misses[feature] = try count.integer() }
        keys = try expected.member("counts").members().map { feature, keys in
            Keys(feature: feature, counts: try keys.members().map { "\($0.key): \(try $0.node.integer() as Int)" })
        }
    }

    /// Ingests by `settings`; also gives the sums of the dense features. Rejected rows are an error.
    static func ingested(
        _ settings: IngestSettings, threads: Int = 1
    ) async throws(StageError) -> (Self, sums: [String: Double]) {
        let report = IngestReport()
        var found = Self()
        var users: Set<String> = []
        var groups: Set<Int64> = []
        var sums: [String: Double] = [:]
        for try await batch in LogIngest(settings).samples(report: report, threads: threads) {
            found.rows += batch.count
            found.positives += batch.labels.count { $0 == 1 }
            found.seconds += batch.times.reduce(0) { $0 + $1 / 1000 }
            groups.formUnion(batch.groups ?? [])
            switch batch.users {
            case .integers(let keys): users.formUnion(keys.map { "\($0)" })
            case .text(let keys): users.formUnion((0..<keys.count).map { keys[$0] })
            }
            for (feature, column) in zip(batch.schema.features, batch.features) {
                switch column {
                case .categorical: break
                case .multivalued(let lists): found.values += lists.values.count
                case .dense(let numbers): sums[feature.name, default: 0] += numbers.reduce(0) { $0 + Double($1) }
                }
            }
        }
        found.users = users.count
        found.groups = groups.count
        found.misses = report.joinMisses.filter { $0.value > 0 }
        found.keys = report.vocabularies.map { vocabulary in
            Keys(
                feature: vocabulary.feature,
                counts: (0..<vocabulary.count).map { "\(vocabulary.keys[$0]): \(vocabulary.counts[$0])" })
        }
        return (found, sums)
    }

    private init() {
        (rows, groups, positives, users, seconds, values, misses, keys) = (0, 0, 0, 0, 0, 0, [:], [])
    }
}
