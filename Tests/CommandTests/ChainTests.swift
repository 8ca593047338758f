import Foundation
import Synchronization
import Testing

@Suite("The chain of stages")
struct ChainTests {
    /// The single stages through files, into the layout of a run folder.
    private func runThroughFiles(_ folder: TemporaryFolder, into name: String, threads: Int) throws {
        func plumb(_ arguments: String...) throws {
            let result = try Plumb.run(arguments + ["-q"], in: folder.url)
            try #require(result.status == 0, "\(arguments): \(result.errors)")
        }
        for seed in 1...2 {
            try FileManager.default.createDirectory(
                at: folder.url.appending(path: "\(name)/seed-\(seed)"), withIntermediateDirectories: true)
        }
        try plumb("ingest", "-p", "p.yaml", "-o", "\(name).arrows", "--vocabulary", "\(name)/vocabulary.arrows")
        try plumb("partition", "\(name).arrows", "-p", "p.yaml", "-o", "\(name)/store")
        try plumb("ctr", "\(name)/store", "-o", "\(name)/ctr.json")
        for seed in 1...2 {
            let model = "\(name)/seed-\(seed)/model.safetensors"
            let predictions = "\(name)/seed-\(seed)/predictions.arrows"
            try plumb("train", "\(name)/store", "-p", "p.yaml", "--seed", "\(seed)", "-o", model)
            try plumb(
                "finetune", "\(name)/store", "-p", "p.yaml", "--seed", "\(seed)", "--ctr", "\(name)/ctr.json",
                "--model",
                model, "--threads", "\(threads)", "-o", predictions)
            try plumb("evaluate", predictions, "-o", "\(name)/seed-\(seed)/metrics.json")
        }
        try plumb(
            "evaluate", "\(name)/seed-1/predictions.arrows", "\(name)/seed-2/predictions.arrows", "-o",
            "\(name)/summary.json")
    }

    @Test("gives the same bytes by `run`, through files and through pipes, at 1 and 2 threads, twice")
    func sameBytes() throws {
        let folder = try SmallLog.folder()
        for (name, threads) in [("a", 1), ("b", 2), ("c", 2)] {
            let result = try Plumb.run(
                ["run", "p.yaml", "-o", name, "--threads", "\(threads)", "-q"], in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
            #expect(result.text.contains("corrected_prior"))
            #expect(result.errors.isEmpty)
        }
        try runThroughFiles(folder, into: "d", threads: 1)
        try runThroughFiles(folder, into: "e", threads: 2)

        // The record of a run holds times, and the single stages make none.
        let files = try folder.names().filter { $0.hasPrefix("a/") && $0.contains(".") && $0 != "a/stages.json" }
            .map { String($0.dropFirst(2)) }
        for expected in [
            "store/manifest.json", "vocabulary.arrows", "ctr.json", "seed-1/model.safetensors",
            "seed-2/predictions.arrows", "seed-1/metrics.json", "summary.json",
        ] {
            #expect(files.contains(expected))
        }
        for file in files {
            let bytes = try folder.read("a/\(file)")
            #expect(!bytes.isEmpty, "\(file)")
            for other in ["b", "c", "d", "e"] {
                #expect(try folder.read("\(other)/\(file)") == bytes, "\(other)/\(file)")
            }
        }

        // Through pipes: ingest | partition, finetune | evaluate.
        let pipe = Pipe()
        let ingest = try Plumb.start(
            ["ingest", "-p", "p.yaml", "-q"], in: folder.url, input: FileHandle.nullDevice, output: pipe)
        let partition = try Plumb.start(
            ["partition", "-", "-p", "p.yaml", "-o", "piped-store", "-q"], in: folder.url, input: pipe)
        #expect(partition.finish().status == 0)
        #expect(ingest.finish().status == 0)
        for file in files where file.hasPrefix("store/") {
            #expect(try folder.read("piped-\(file)") == folder.read("a/\(file)"), "\(file)")
        }
        let scores = Pipe()
        let finetune = try Plumb.start(
            [
                "finetune", "piped-store", "-p", "p.yaml", "--seed", "1", "--ctr", "a/ctr.json", "--model",
                "a/seed-1/model.safetensors", "--threads", "2", "-q",
            ], in: folder.url, input: FileHandle.nullDevice, output: scores)
        let evaluate = try Plumb.start(["evaluate", "-", "-q"], in: folder.url, input: scores)
        let metrics = evaluate.finish()
        #expect(finetune.finish().status == 0)
        #expect(try metrics.output == folder.read("a/seed-1/metrics.json"))
    }

    @Test("changes only train labels, to a mean of the global CTR for every user")
    func correction() throws {
        let folder = try SmallLog.folder()
        try #require(Plumb.run(["run", "p.yaml", "-o", "run", "-q", "--seeds", "1"], in: folder.url).status == 0)
        let result = try Plumb.run(
            ["correct", "run/store", "--ctr", "run/ctr.json", "--to", "jsonl", "-q"], in: folder.url)
        try #require(result.status == 0)
        struct Row: Decodable {
            var user: Int
            var label: Double
            var label_corrected: Double
            var part: String
        }
        struct CTR: Decodable { var global_ctr: Double }
        let p = try JSONDecoder().decode(CTR.self, from: folder.read("run/ctr.json")).global_ctr
        let rows = try result.text.split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
        let raw = try Plumb.run(["ingest", "-p", "p.yaml", "--to", "jsonl", "-q"], in: folder.url)
        #expect(rows.count == raw.text.split(separator: "\n").count)
        var corrected: [Int: [Double]] = [:]
        for row in rows {
            if row.part == "train" {
                corrected[row.user, default: []].append(row.label_corrected)
                #expect((0...1).contains(row.label_corrected))
            } else {
                #expect(row.label_corrected == row.label)
            }
        }
        #expect(corrected.count == SmallLog.users)
        for (user, labels) in corrected {
            #expect(abs(labels.reduce(0, +) / Double(labels.count) - p) < 1e-6, "user \(user)")
        }
    }

    @Test("a later stage whose upstream is killed half-way exits 2 and publishes nothing")
    func killedUpstream() throws {
        let folder = try SmallLog.folder()
        try folder.write(SmallLog.pipeline.replacing("path: ratings.csv", with: "path: \"-\""), to: "stdin.yaml")
        let ingest = try Plumb.start(
            ["ingest", "-p", "stdin.yaml", "-q"], in: folder.url, environment: ["PLUMB_INGEST_BATCH_ROWS": "512"])
        let partition = try Plumb.start(["partition", "-", "-o", "store", "-q"], in: folder.url)
        // The test stands between the two, so that it knows how much has gone through.
        let passed = Mutex(0)
        let (from, to) = (ingest.output.fileHandleForReading, partition.input.fileHandleForWriting)
        let forwarded = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            while let bytes = try? from.read(upToCount: 1 << 16), !bytes.isEmpty {
                guard (try? to.write(contentsOf: bytes)) != nil else { break }
                passed.withLock { $0 += bytes.count }
            }
            try? to.close()
            forwarded.signal()
        }
        // More of a log than the readers of either stage hold back; then no more, and no end either.
        let rows = SmallLog.ratings.utf8.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
        var log = Data(SmallLog.ratings.utf8)
        while log.count < 2 << 20 { log.append(contentsOf: rows) }
        try ingest.input.fileHandleForWriting.write(contentsOf: log)
        // Far more than a pipe holds: the later stage has read samples.
        for _ in 0..<3000 where passed.withLock({ $0 < 1 << 20 }) { usleep(10_000) }
        try #require(passed.withLock { $0 } >= 1 << 20)
        #expect(partition.process.isRunning)
        kill(ingest.process.processIdentifier, SIGKILL)
        ingest.process.waitUntilExit()
        forwarded.wait()
        #expect(ingest.process.terminationReason == .uncaughtSignal)
        let result = partition.finish()
        #expect(result.status == 2)
        #expect(result.errors.contains("<stdin>"))
        #expect(try folder.names() == ["movies.csv", "p.yaml", "ratings.csv", "stdin.yaml"])
    }

    @Test("a stream cut anywhere is refused by the next stage, which publishes nothing")
    func cutStream() throws {
        let folder = try SmallLog.folder()
        try #require(Plumb.run(["run", "p.yaml", "-o", "run", "-q", "--seeds", "1"], in: folder.url).status == 0)
        let whole = try folder.read("run/seed-1/predictions.arrows")
        for length in [0, 4, 100, whole.count / 2, whole.count - 9, whole.count - 8, whole.count - 1] {
            try whole.prefix(length).write(to: folder.url.appending(path: "cut.arrows"))
            let result = try Plumb.run(["evaluate", "cut.arrows", "-o", "metrics.json"], in: folder.url)
            #expect(result.status == 2, "cut at \(length)")
            #expect(result.errors.hasPrefix("plumb: cut.arrows"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "metrics.json").path))
        }
    }
}
