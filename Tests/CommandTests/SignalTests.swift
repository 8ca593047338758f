import Foundation
import Testing

@Suite("A signal")
struct SignalTests {
    /// A command that would run on, and the sign that it is where the signal is to meet it.
    struct Work: CustomTestStringConvertible, Sendable {
        enum Sign: Sendable {
            /// It has made this file or folder.
            case made(String)
            /// It has said something on standard error.
            case said
            /// It has opened the full pipe.
            case opened
        }

        var arguments: [String]
        var sign: Sign
        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let works = [
        // Waiting for more of standard input.
        Work(arguments: ["partition", "-", "-o", "store"], sign: .made(".store.partial")),
        Work(
            arguments: ["train", "big", "-p", "p.yaml", "--epochs", "100000", "-o", "model"],
            sign: .made(".model.partial")),
        // Waiting for somebody to open the pipe, and to read from it.
        Work(arguments: ["ingest", "-p", "p.yaml", "-o", "fifo", "--progress=line"], sign: .said),
        Work(arguments: ["ctr", "big", "-o", "full"], sign: .opened),
    ]

    @Test(
        "ends it with 130 for an interrupt, 143 for a termination, and nothing half-written is left",
        arguments: [SIGINT, SIGTERM], works)
    func ends(signal: Int32, work: Work) throws {
        let folder = try SmallLog.folder()
        for step in [["ingest", "-p", "p.yaml", "-o", "samples", "-q"], ["partition", "samples", "-o", "big", "-q"]] {
            try #require(Plumb.run(step, in: folder.url).status == 0)
        }
        try #require(mkfifo(folder.url.appending(path: "fifo").path, 0o600) == 0)
        let full = try FullPipe(at: folder.url.appending(path: "full").path)
        let before = try folder.names()
        let running = try Plumb.start(work.arguments, in: folder.url, environment: ["PLUMB_TRAIN_PATIENCE": "100000"])
        switch work.sign {
        case .made(let name): #expect(running.shows { folder.exists(name) })
        case .said: #expect(try running.errors.fileHandleForReading.read(upToCount: 1)?.count == 1)
        case .opened: #expect(running.shows { full.hasWriter })
        }
        kill(running.process.processIdentifier, signal)
        #expect(running.finish().status == 128 + signal)
        // A training's checkpoint is whole, and meant to stay.
        let left = try folder.names().filter { !$0.hasPrefix("model.checkpoint") }
        #expect(left == before)
        #expect(try folder.names().allSatisfy { !$0.hasSuffix(".partial") })
    }

    @Test("ends an ingest in the middle of a long log, at any number of threads", arguments: ["1", "3"])
    func longLog(threads: String) throws {
        let folder = try TemporaryFolder()
        let pipeline = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../pipelines/synth.yaml").standardized.path
        let log = Pipe()
        let synth = try Plumb.start(
            ["synth", "--rows", "10000000000", "-q"], in: folder.url, input: FileHandle.nullDevice, output: log)
        let ingest = try Plumb.start(
            [
                "ingest", "-", "-p", pipeline, "-o", "out", "--vocabulary", "v", "--rejects", "r", "--threads", threads,
                "-q",
            ],
            in: folder.url, input: log)
        #expect(
            try ingest.shows {
                try folder.exists(".out.partial") && folder.read(".out.partial").count > 1 << 20
            })
        kill(ingest.process.processIdentifier, SIGINT)
        let result = ingest.finish()
        #expect(result.status == 130)
        #expect(result.errors.isEmpty, "\(result.errors)")
        #expect(try folder.names() == [])
        // Its reader is gone.
        #expect(synth.finish().status == 0)
    }
}
