import ByteStreams
import Samples
import Testing

@testable import LogIngest

#if os(Linux)
import Glibc

/// An ingest that ends before its time leaves no thread behind. Each test runs in a process of its own, where nobody else
/// starts threads.
@Suite(.timeLimit(.minutes(10)))
struct EarlyEndTests {
    /// Does `body` often enough that one thread left behind each time is many, and waits until they are gone.
    private static func expectNoThreadsLeft(_ body: () async throws -> Void) async throws {
        try await body()
        let before = try threadCount()
        // The pool's own threads come and go: one a processor, and a few that serve them.
        let spare = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) + 4
        for _ in 0..<2 * spare + 4 { try await body() }
        let most = before + spare
        var waits = 0
        while try threadCount() > most && waits < 1000 {
            try await Task.sleep(for: .milliseconds(20))
            waits += 1
        }
        #expect(try threadCount() <= most)
    }

    private static func threadCount() throws -> Int {
        let status = String(decoding: try Fixture.bytes(at: "/proc/self/status"), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("Threads:") }
        return try #require(line.flatMap { Int($0.dropFirst(8).drop { $0 == "\t" }) })
    }

    /// A list of so many blocks that no queue holds them: four files, again and again.
    private static func files(_ folder: TemporaryFolder) throws -> [String] {
        let rows = String(repeating: "1,2,3,4\n", count: 120_000)
        let files = try (0..<4).map { try folder.file("\($0).csv", "user,item,rating,time\n" + rows) }
        return Array(repeatElement(files, count: 12).joined())
    }

    @Test
    func aConsumerThatLeavesAfterTheFirstBatch() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let settings = IngestSettings.small(try Self.files(folder))
            for threads in [1, 4] {
                try await Self.expectNoThreadsLeft {
                    for try await batch in LogIngest(settings).samples(report: IngestReport(), threads: threads) {
                        #expect(batch.count == 4096)
                        // Long enough for all queues to be full.
                        try await Task.sleep(for: .milliseconds(100))
                        break
                    }
                }
            }
        }
    }

    @Test
    func aTaskThatIsCancelledWhileTheReaderWaitsOnAPipe() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let pipe = try folder.pipe("pipe")
            // Opened for both, a pipe neither waits for a reader nor ends while this test holds it.
            let descriptor = open(pipe, O_RDWR)
            let rows = Array("user,item,rating,time\n1,2,3,4\n".utf8)
            for threads in [1, 4] {
                // Alone, or as the second of three files that are read ahead.
                for paths in [[pipe], [Fixture.path("log.csv"), pipe, Fixture.path("log.csv")]] {
                    try await Self.expectNoThreadsLeft {
                        #expect(write(descriptor, rows, rows.count) == rows.count)
                        let task = Task { await Ingested.failure(.small(paths), threads: threads) }
                        try await Task.sleep(for: .milliseconds(20))
                        task.cancel()
                        #expect(await task.value == .cancelled)
                    }
                }
            }
        }
    }

    @Test
    func aTaskThatIsCancelledWhileWorkersAreBusy() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            // The log's end is a pipe that this test holds open and never feeds: no ingest is done before its cancellation.
            let pipe = try folder.pipe("pipe")
            let descriptor = open(pipe, O_RDWR)
            #expect(descriptor >= 0)
            let settings = IngestSettings.small(try Self.files(folder) + [pipe])
            for threads in [1, 4] {
                var milliseconds = 0
                try await Self.expectNoThreadsLeft {
                    let task = Task { await Ingested.failure(settings, threads: threads) }
                    milliseconds = (milliseconds + 3) % 20
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    task.cancel()
                    #expect(await task.value == .cancelled)
                }
            }
        }
    }

    @Test
    func anErrorWhileOtherFilesAreReadAhead() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            var settings = IngestSettings.small(try Self.files(folder))
            settings.sources[0].paths.insert("/nowhere/log.csv", at: 0)
            for threads in [1, 4] {
                try await Self.expectNoThreadsLeft {
                    #expect(await Ingested.failure(settings, threads: threads)?.code == .environment)
                }
            }
        }
    }
}
#endif
