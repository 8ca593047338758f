import ByteStreams
import LogIngest
import Samples

/// All that an ingest gave.
struct Ingested {
    var rows: SampleBatch
    var batchSizes: [Int]
    var report: IngestReport

    init(_ settings: IngestSettings, rejects: RejectFile? = nil, threads: Int = 1) async throws(StageError) {
        report = IngestReport()
        rows = SampleBatch(settings.schema)
        batchSizes = []
        for try await batch in LogIngest(settings).samples(report: report, rejects: rejects, threads: threads) {
            rows.append(contentsOf: 0..<batch.count, of: batch)
            batchSizes.append(batch.count)
        }
    }

    /// The error that ends an ingest by `settings`; nil if none does.
    static func failure(
        _ settings: IngestSettings, rejects: RejectFile? = nil, threads: Int = 1
    ) async -> StageError? {
        do throws(StageError) {
            _ = try await Ingested(settings, rejects: rejects, threads: threads)
            return nil
        } catch {
            return error
        }
    }

    /// Ids of a categorical feature.
    func ids(_ feature: Int) -> [UInt32] {
        if case .categorical(let ids) = rows.features[feature] { ids } else { [] }
    }

    /// Lists of a multi-valued feature.
    func lists(_ feature: Int) -> [[UInt32]] {
        guard case .multivalued(let lists) = rows.features[feature] else { return [] }
        return (0..<lists.count).map { Array(lists[$0]) }
    }

    /// Numbers of a dense feature.
    func numbers(_ feature: Int) -> [Float] {
        if case .dense(let numbers) = rows.features[feature] { numbers } else { [] }
    }

    /// User keys.
    var users: [Int64] {
        if case .integers(let users) = rows.users { users } else { [] }
    }

    /// A feature's keys and counts, as `key: count`.
    func vocabulary(_ feature: String) -> [String] {
        report.vocabularies.filter { $0.feature == feature }.flatMap { vocabulary in
            (0..<vocabulary.count).map { "\(vocabulary.keys[$0]): \(vocabulary.counts[$0])" }
        }
    }
}

extension IngestSettings {
    /// Settings for the fixtures' small log: `user,item,rating,time`.
    static func small(_ paths: [String], entry: String? = nil, batchRows: Int = 4096) -> IngestSettings {
        IngestSettings(
            sources: [Source(name: "log", paths: paths, entry: entry)], log: "log",
            roles: Roles(
                user: "user", time: Time(column: "time", format: .unixSeconds),
                label: .comparison(column: "rating", .atLeast, 4), item: "item"),
            batchRows: batchRows)
    }
}
