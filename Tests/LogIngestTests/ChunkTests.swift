import CFieldSplit
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

    /// A chunk of one stream that starts with it.
    private static func chunk(_ text: String, columnCount: Int = 5) -> LogChunk {
        let names = ["user", "item", "rating", "time", "tags"]
        let places = WantedColumns(settings).names.compactMap { names.firstIndex(of: $0) }
        let stream = LogStream(
            position: SourcePosition(file: "a.csv"), columns: ColumnNames(names), places: places, firstLine: 1,
            hasFieldNumbers: true, isPacked: false)
        return LogChunk(
            stream: stream, isFirst: true, content: .text(RecordBlock(Array(text.utf8), columnCount: columnCount)))
    }

    private static func parser() throws -> ChunkParser {
        ChunkParser(settings, tables: [], timeParser: try TimeParser(settings.roles.time), worker: 0)
    }

    /// However bad rows lie, no row is looked at more than three times: with its slice, with all that follow, and again
    /// without the bad ones.
    @Test(arguments: ["gb", "bg", "gggggb", "b", "ggggggggb"])
    func badRowsAreTakenOutInOneGo(_ pattern: String) throws {
        let good = "1,i,5,7,t\n"
        let bad = "x,i,5,7,t\n"
        // As long as batches are 5 rows: four good ones, then very many bad ones.
        var rows = Array(repeating: good, count: 4) + Array(repeating: bad, count: 600)
        for _ in 0..<100 { rows += pattern.map { $0 == "b" ? bad : good } }
        var parser = try Self.parser()
        let parsed = parser.parse(Self.chunk(rows.joined()))
        #expect(parser.checkedRows <= 3 * rows.count)
        #expect(Array(parsed.rejects.map(\.position.line)) == rows.indices.filter { rows[$0] == bad })
        #expect(parsed.rowsKept == rows.count { $0 == good })
        #expect(parsed.batches.dropLast().allSatisfy { $0.samples.count == 5 })
    }

    @Test
    func badRowsOfAKindShareTheirReason() throws {
        var parser = try Self.parser()
        var text = ""
        for _ in 0..<100 { text += "a\nb,c\nx,i,5,7,t\n1,i,5,7,t\n" }
        let rejects = parser.parse(Self.chunk(text)).rejects
        #expect(rejects.count == 300)
        #expect(rejects.reasonCount == 3)
        #expect(rejects[3].reason == "the row has 1 field, not 5 as expected")
        #expect(rejects[4].reason == "the row has 2 fields, not 5 as expected")
        #expect(rejects[4].text == Array("b,c".utf8))
        #expect(rejects[5].reason.hasPrefix("`user` must be an integer, is `x`"))
    }

    @Test
    func theFirstRowsAreCountedWithoutBlankLines() throws {
        let text = "\n\r\n1,i,5,7,t\n\n\r\nx\n\n3,i,5,7,t\r\n4,i,5,7,t"
        for (most, kept, rejected) in [(0, 0, 0), (1, 1, 0), (2, 1, 1), (3, 2, 1), (4, 3, 1)] {
            var chunk = Self.chunk(text)
            #expect(chunk.keepFirst(most) == most)
            var parser = try Self.parser()
            let parsed = parser.parse(chunk)
            #expect(parsed.rowsKept == kept)
            #expect(parsed.rejects.count == rejected)
        }
        var all = Self.chunk(text)
        #expect(all.keepFirst(9) == 4)
        // A line is a row where it has one field.
        var lines = Self.chunk("\n\na\n", columnCount: 1)
        #expect(lines.keepFirst(2) == 2)
    }

    /// As an Arrow stream's rows may be: their starts are one, their lines are not.
    @Test
    func aFaultWithoutTextIsTheRowThatItsLineSays() throws {
        var block = RecordBlock(Array("1\ti\t5\t7\tt".utf8), columnCount: 5)
        block.lineCount = 3
        for line in 0..<2 {
            block.faults.append(RecordFault(line: line, column: 0, start: 0, end: 0, place: 0, message: "\(line)"))
        }
        block.records = [RecordBlock.Record(line: 2, start: 0, end: 9)]
        block.fields = [0, 2, 4, 6, 8].map { RecordBlock.Field(start: $0, end: $0 + 1) }
        for (most, kept, rejected) in [(1, 0, 1), (2, 0, 2), (3, 1, 2)] {
            var chunk = Self.chunk("")
            chunk.content = .records(block)
            #expect(chunk.keepFirst(most) == most)
            var parser = try Self.parser()
            let parsed = parser.parse(chunk)
            #expect(parsed.rowsKept == kept)
            #expect(Array(parsed.rejects.map(\.reason)) == (0..<rejected).map { "\($0)" })
        }
    }
}
