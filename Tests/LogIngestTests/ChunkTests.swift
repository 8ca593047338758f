import Samples
import Testing

@testable import LogIngest

/// Workers and the committer without threads: any share-out of chunks gives what one worker gives.
struct ChunkTests {
    /// All that comes of some chunks.
    struct Outcome: Equatable {
        var batches: [SampleBatch] = []
        var rejects: [Reject] = []
        var vocabularies: [Vocabulary] = []
        var unseen: [String: Int] = [:]
        var restarts = 0
    }

    static let settings: IngestSettings = {
        var settings = IngestSettings.small(["log.csv"], batchRows: 5)
        settings.sources[0].header = .names(["user", "item", "rating", "time", "tags"])
        settings.features = [
            .init(name: "tags", column: "tags", kind: .multivalued(separator: "|", .dictionary)),
            .init(name: "hashed", column: "tags", kind: .multivalued(separator: "|", .hash(size: 9))),
            .init(name: "price", column: "rating", kind: .dense()),
        ]
        return settings
    }()

    /// Chunks of some lines each, over two streams; now and then a bad row with a key that stands nowhere else.
    static func chunks(_ random: inout SplitMix64) -> [LogChunk] {
        let names = ["user", "item", "rating", "time", "tags"]
        let places = WantedColumns(settings).names.compactMap { names.firstIndex(of: $0) }
        var chunks: [LogChunk] = []
        for file in ["a.csv", "b.csv"] {
            let stream = LogStream(
                position: SourcePosition(file: file), columns: ColumnNames(names), places: places,
                firstLine: file == "a.csv" ? 1 : 2, hasFieldNumbers: true, isPacked: false)
            var offset = 0
            for index in 0..<12 {
                var text = ""
                for row in 0..<random.below(12) {
                    let tags = (0..<random.below(4)).map { _ in "t\(random.below(40))" }.joined(separator: "|")
                    let isBad = random.below(6) == 0
                    let item = isBad ? "bad\(chunks.count).\(row)" : "i\(random.below(25))"
                    text += "\(row),\(item),\(random.below(6)),\(isBad ? "x" : "7"),\(tags)\n"
                }
                let bytes = Array(text.utf8)
                chunks.append(
                    LogChunk(
                        stream: stream, isFirst: index == 0,
                        content: .text(RecordBlock(bytes, at: offset, columnCount: names.count))))
                offset += bytes.count
            }
        }
        return chunks
    }

    /// Hands each chunk to the worker that `worker` names, and commits in order.
    static func outcome(
        _ chunks: [LogChunk], workerCount: Int, mostKeys: Int = 1 << 18, vocabularies: [Vocabulary] = [],
        worker: () -> Int
    ) throws -> Outcome {
        let timeParser = try TimeParser(settings.roles.time)
        var workers = (0..<workerCount).map {
            ChunkParser(settings, tables: [], timeParser: timeParser, worker: $0, mostKeys: mostKeys)
        }
        var committer = ChunkCommitter(
            settings, joins: [], tables: [], vocabularies: vocabularies, workerCount: workerCount)
        var outcome = Outcome()
        for chunk in chunks {
            var parsed = workers[worker()].parse(chunk)
            #expect(parsed.rowsKept == parsed.batches.reduce(0) { $0 + $1.samples.count })
            if parsed.restartsKeys { outcome.restarts += 1 }
            try committer.commit(&parsed)
            outcome.batches += parsed.batches.map { committer.samples(of: $0) }
            outcome.rejects += parsed.rejects
        }
        committer.finish()
        outcome.vocabularies = committer.vocabularies
        outcome.unseen = committer.unseenCounts
        return outcome
    }

    @Test(arguments: [UInt64](1...10))
    func anyShareOutOfChunksGivesTheSame(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let chunks = Self.chunks(&random)
        let one = try Self.outcome(chunks, workerCount: 1) { 0 }
        #expect(one.batches.allSatisfy { (1...5).contains($0.count) })
        #expect(!one.rejects.isEmpty)
        #expect(one.restarts == 0)
        for vocabulary in one.vocabularies {
            let keys = (0..<vocabulary.count).map { vocabulary.keys[$0] }
            #expect(!keys.contains { $0.hasPrefix("bad") })
            #expect(Set(keys).count == keys.count)
        }
        for mostKeys in [1 << 18, 0, 3, 10, 24] {
            var outcome = try Self.outcome(chunks, workerCount: 3, mostKeys: mostKeys) { random.below(3) }
            #expect((outcome.restarts > 0) == (mostKeys <= 24), "\(mostKeys)")
            outcome.restarts = 0
            #expect(outcome == one)
        }
        // With a vocabulary that lacks some keys, and ids in another order.
        let given = one.vocabularies.map { vocabulary in
            let keys = TextColumn((0..<vocabulary.count / 2).map { vocabulary.keys[vocabulary.count - 1 - $0] })
            return Vocabulary(feature: vocabulary.feature, keys: keys, counts: Array(repeating: 0, count: keys.count))
        }
        let fixed = try Self.outcome(chunks, workerCount: 1, vocabularies: given) { 0 }
        #expect(fixed.vocabularies.map(\.keys) == given.map(\.keys))
        #expect(fixed.unseen.values.allSatisfy { $0 > 0 })
        var other = try Self.outcome(chunks, workerCount: 3, mostKeys: 3, vocabularies: given) { random.below(3) }
        other.restarts = 0
        #expect(other == fixed)
    }
}
