import Foundation
import LocalStages
import Synchronization

@testable import Pipelines

/// A pipeline over a log of 20 users, and the run folder that it goes to, in a folder that goes when the test ends.
final class SmallRun: Sendable {
    let url: URL

    /// The results of a run of seeds 1 and 2, `stages.json` excepted, whose stamps are different in every folder.
    static let results = [
        "ctr.json", "seed-1/metrics.json", "seed-1/model.safetensors", "seed-1/predictions.arrows",
        "seed-2/metrics.json", "seed-2/model.safetensors", "seed-2/predictions.arrows", "store/bucket-0000.arrows",
        "store/bucket-0001.arrows", "store/index.arrows", "store/manifest.json", "store/train-counts.arrows",
        "summary.json", "vocabulary.arrows",
    ]

    static let pipeline = """
        ingest:
          sources:
            log: {path: log.csv}
            items: {path: items.csv}
            unused: {path: unused.csv}
          log: log
          user: user
          time: time
          label: click
          item: item
          features:
            kind: {join: {source: items, key: item, on: item}}
        partition: {buckets: 2}
        train: {model: lr, batch_size: 32, epochs: 2}
        finetune: {batch_size: 8}
        seeds: [1, 2]
        """

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "plumb-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        var log = "user,item,time,click\n"
        for user in 0..<20 {
            for row in 0..<15 {
                let click = (user * 5 + row * row) % 7 < 3 ? 1 : 0
                log += "\(user),\((user + row * 3) % 9),\(1000 + row * 10),\(click)\n"
            }
        }
        try write(log, to: "log.csv")
        try write("item,kind\n" + (0..<9).map { "\($0),k\($0 % 3)\n" }.joined(), to: "items.csv")
        try write("any,thing\n1,2\n", to: "unused.csv")
        try write(Self.pipeline, to: "p.yaml")
        for name in ["log.csv", "items.csv", "unused.csv"] { try age(name) }
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    // MARK: Files

    func path(_ name: String) -> String { url.appending(path: name).path }

    func read(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    func write(_ text: String, to name: String) throws {
        // Not atomically: a file keeps its inode, as one that is edited in place does.
        try Data(text.utf8).write(to: url.appending(path: name))
    }

    /// Changes the last byte but one of a file: of the log, the last label.
    func flip(_ name: String) throws {
        var bytes = try read(name)
        bytes[bytes.count - 2] ^= 1
        let file = try FileHandle(forWritingTo: url.appending(path: name))
        try file.write(contentsOf: bytes)
        try file.close()
    }

    /// The same, and the file looks as old as it was.
    func flipUnseen(_ name: String) throws {
        let time = try modified(name)
        try flip(name)
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path(name))
    }

    func append(_ text: String, to name: String) throws {
        let file = try FileHandle(forWritingTo: url.appending(path: name))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: url.appending(path: name)) }

    /// Lets a file look as if it was last written so many hours ago.
    func age(_ name: String, hours: Double = 1) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600 * hours)], ofItemAtPath: path(name))
    }

    func modified(_ name: String) throws -> Date {
        let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
        return attributes[.modificationDate] as? Date ?? .distantPast
    }

    /// Every file below, by its path from there, hidden ones too.
    func files(in folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: path(folder)) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: path(folder)).sorted().filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path("\(folder)/\(name)"), isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    /// The bytes of every file of a run folder but `stages.json`.
    func contents(of folder: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try files(in: folder) where name != "stages.json" {
            contents[name] = try read("\(folder)/\(name)")
        }
        return contents
    }

    // MARK: Runs

    /// What a run said, one line a step, and what it came to.
    struct Report {
        var lines: [String]
        var outcome: PipelineRun.Outcome

        /// The steps that were done and not skipped.
        var done: [String] { lines.filter { !$0.hasSuffix(": skipped") } }
    }

    /// How a run is to be.
    struct Options: Sendable {
        var settings: [String: String] = [:]
        var version = "1"
        var threads = 1
        var from: RunStage?
        var until = RunStage.evaluate
    }

    /// Runs the pipeline into `folder`; `meanwhile` hears every event.
    func run(
        into folder: String = "run", _ options: Options = Options(),
        meanwhile: @escaping @Sendable (PipelineRun.Event) -> Void = { _ in }
    ) async throws -> Report {
        let overrides = options.settings.map { SettingOverride(path: $0.key, text: $0.value, origin: .flag("--set")) }
        let pipeline = try await Pipeline(path: path("p.yaml"), overrides: overrides)
        let lines = Mutex<[String]>([])
        let folderOfSources = url.path + "/"
        let run = PipelineRun(
            pipeline, into: RunFolder(path: path(folder)), threads: options.threads, version: options.version,
            from: options.from, until: options.until
        ) { event in
            switch event {
            case .skipped(let step): lines.withLock { $0.append("\(step): skipped") }
            case .began(let step, let reason):
                lines.withLock { $0.append("\(step): \(reason)".replacing(folderOfSources, with: "")) }
            case .changedWhileRead(let path):
                lines.withLock { $0.append("changed: \(path)".replacing(folderOfSources, with: "")) }
            case .partitioned, .training, .tuned: break
            }
            meanwhile(event)
        }
        let outcome = try await run.run()
        return Report(lines: lines.withLock { $0 }, outcome: outcome)
    }
}
