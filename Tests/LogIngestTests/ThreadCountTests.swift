import ByteStreams
import Samples
import Testing

@testable import LogIngest

/// The same batches, vocabularies and rejects for any number of threads.
@Suite(.timeLimit(.minutes(10)))
struct ThreadCountTests {
    /// All that an ingest leaves.
    struct Outcome: Equatable {
        var rows: SampleBatch
        var batchSizes: [Int]
        var vocabularies: [Vocabulary]
        var joinMisses: [String: Int]
        var progress: IngestReport.Progress
        var rejects: [UInt8]

        init(_ settings: IngestSettings, threads: Int) async throws {
            let folder = try TemporaryFolder()
            let path = try folder.file("rejects.jsonl", "")
            let file = try RejectFile(path: path)
            let got = try await Ingested(settings, rejects: file, threads: threads)
            try await file.publish()
            rows = got.rows
            batchSizes = got.batchSizes
            vocabularies = got.report.vocabularies
            joinMisses = got.report.joinMisses
            progress = got.report.progress
            rejects = try Fixture.bytes(at: path)
        }
    }

    /// Rows that take more than two blocks, with bad rows, quoted fields, and keys that come up late.
    private static func bigLog(_ random: inout SplitMix64, rows: Int) -> String {
        var text = "user,item,rating,time\n"
        for row in 0..<rows {
            let item = random.below(4) == 0 ? "item number \(row / 7)" : "i\(random.below(2000))"
            switch random.below(200) {
            case 0: text += "\(row),\(item),\"4\n\",x\n"
            case 1: text += "\(row),\"\(item), \"\"new\"\"\",5,1\n"
            case 2: text += "\(row),rejected \(row),high,1\n"
            case 3: text += "\(row),\(item)\n\n"
            default: text += "\(random.below(500)),\(item),\(random.below(6)),\(row)\n"
            }
        }
        return text
    }

    private static func settings(_ folder: TemporaryFolder) throws -> IngestSettings {
        var random = SplitMix64(seed: 5)
        let header = "user,item,rating,time\n"
        var paths = [
            try folder.file("1.csv", bigLog(&random, rows: 16_000)), try folder.file("2.csv", header),
            try folder.file("3.csv", header + "1,new,5,1\n"),
            try folder.file("4.csv", "time,rating,item,user\r\n1,4,i7,2\r\n1,no,i8,2"),
        ]
        for file in 5..<12 { paths.append(try folder.file("\(file).csv", bigLog(&random, rows: file * 20))) }
        paths.append(try folder.file("12.csv", bigLog(&random, rows: 16_000)))
        var items = "item,name,kinds,price\n"
        for item in 0..<1500 { items += "i\(item),n\(item % 300),k\(item % 7)|k\(item % 5),\(item)\n" }
        var settings = LogIngestTests.joined("", items: try folder.file("items.csv", items))
        settings.sources[0].paths = paths
        settings.features.removeAll { $0.name == "rated" }
        settings.mostRejects = .percent(100)
        settings.batchRows = 1000
        return settings
    }

    @Test
    func doesNotChangeWhatComesOut() async throws {
        let folder = try TemporaryFolder()
        let settings = try Self.settings(folder)
        let one = try await Outcome(settings, threads: 1)
        #expect(one.batchSizes.allSatisfy { (1...1000).contains($0) })
        #expect(one.batchSizes.reduce(0, +) == one.progress.rowsKept)
        #expect(one.progress.rowsKept > 30_000)
        #expect(one.progress.rowsRejected > 200)
        #expect(one.rejects.count { $0 == 0x0A } == one.progress.rowsRejected)
        #expect(one.joinMisses["name"].map { $0 > 1000 } == true)
        for vocabulary in one.vocabularies {
            #expect(!(0..<vocabulary.count).contains { vocabulary.keys[$0].hasPrefix("rejected") })
        }
        for threads in [2, 4, 7] {
            let other = try await Outcome(settings, threads: threads)
            #expect(other.rows == one.rows, "\(threads) threads")
            #expect(other.batchSizes == one.batchSizes, "\(threads) threads")
            #expect(other.vocabularies == one.vocabularies, "\(threads) threads")
            #expect(other.rejects == one.rejects, "\(threads) threads")
            #expect(other.progress == one.progress, "\(threads) threads")
            #expect(other.joinMisses == one.joinMisses, "\(threads) threads")
        }
    }

    @Test(arguments: [1, 7, 1000, 100_000])
    func neitherDoTheRowsOfABatch(_ batchRows: Int) async throws {
        let folder = try TemporaryFolder()
        var settings = try Self.settings(folder)
        settings.sources[0].paths = Array(settings.sources[0].paths[1..<9])
        let whole = try await Outcome(settings, threads: 1)
        settings.batchRows = batchRows
        let other = try await Outcome(settings, threads: 3)
        #expect(other.batchSizes.allSatisfy { (1...batchRows).contains($0) })
        #expect(other.rows == whole.rows)
        #expect(other.vocabularies == whole.vocabularies)
        #expect(other.rejects == whole.rejects)
    }

    /// Where the third of five files is bad, the rows of the first two come, and then its error.
    @Test(arguments: [1, 2, 4, 7])
    func anErrorInAFileComesBehindTheRowsBeforeIt(_ threads: Int) async throws {
        let folder = try TemporaryFolder()
        let header = "user,item,rating,time\n"
        var paths: [String] = []
        for file in 1...5 {
            paths.append(
                try folder.file("\(file).csv", file == 3 ? "user,item,time\n1,2,3\n" : header + "\(file),i,5,1\n"))
        }
        var users: [Int64] = []
        do throws(StageError) {
            for try await batch in LogIngest(.small(paths)).samples(report: IngestReport(), threads: threads) {
                if case .integers(let keys) = batch.users { users += keys }
            }
            Issue.record("the error was lost")
        } catch {
            #expect(error.code == .data)
            #expect(error.position == SourcePosition(file: paths[2], line: 1))
            #expect(error.message == "there is no column `rating`")
        }
        #expect(users == [1, 2])
        let missing = await Ingested.failure(.small([paths[0], "/nowhere/log.csv", paths[1]]), threads: threads)
        #expect(missing?.position?.file == "/nowhere/log.csv")
    }

    /// Entries of an archive are one file's, and read in its order.
    @Test(arguments: [1, 3])
    func entriesOfArchivesStandBetweenFilesOfTheList(_ threads: Int) async throws {
        let plain = try await Ingested(.small([Fixture.path("log.csv")]))
        let paths = ["log.zip", "log.tar.gz", "log.7z"].map(Fixture.path)
        let got = try await Ingested(.small(paths, entry: "logs/*"), threads: threads)
        #expect(got.users == plain.users + plain.users + plain.users)
        #expect(got.ids(0) == plain.ids(0) + plain.ids(0) + plain.ids(0))
        #expect(got.batchSizes == [24, 24, 24])
    }
}
