import ByteStreams
import LogIngest
import Samples
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Named pipes as input, cancellation and early end.
@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
    /// Writes `bytes` to a named pipe, `times` times or until the reader goes away. Returns how often it wrote them.
    static func feed(_ pipe: String, _ bytes: [UInt8], times: Int = 1) -> Int {
        signal(SIGPIPE, SIG_IGN)
        let descriptor = open(pipe, O_WRONLY)
        defer { close(descriptor) }
        for time in 0..<times {
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes {
                    write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
                }
                if count < 0 { return time }
                done += count
            }
        }
        return times
    }

    @Test(arguments: ["log.csv", "log.csv.gz", "log.csv.zst", "log.tar.gz"])
    func readsPipes(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let pipe = try folder.pipe("pipe")
        let bytes = try Fixture.bytes(name)
        async let written = BlockingThread().run { Self.feed(pipe, bytes) }
        let got = try await Ingested(.small([pipe], entry: name == "log.tar.gz" ? "logs/*" : nil))
        #expect(got.rows == (try await Ingested(.small([Fixture.path("log.csv")]))).rows)
        #expect(got.report.progress.compressedBytesTotal == nil)
        #expect(got.report.progress.compressedBytesRead == bytes.count)
        _ = try await written
    }

    @Test(arguments: [("log.zip", "a zip archive"), ("log.7z", "a 7z archive")])
    func saysThatAnArchiveWithItsDirectoryAtTheEndCannotComeFromAPipe(_ name: String, _ kind: String) async throws {
        let folder = try TemporaryFolder()
        let pipe = try folder.pipe("pipe")
        let bytes = try Fixture.bytes(name)
        async let written = BlockingThread().run { Self.feed(pipe, bytes) }
        let failure = await Ingested.failure(.small([pipe], entry: "logs/log.csv"))
        #expect(failure?.message == "is \(kind), which cannot be read from a pipe; give the file itself")
        _ = try await written
    }

    @Test
    func aCancellationWakesAReadThatWaits() async throws {
        let folder = try TemporaryFolder()
        let pipe = try folder.pipe("pipe")
        // Opened for both, a pipe neither waits for a reader nor ends while this test holds it.
        let descriptor = open(pipe, O_RDWR)
        defer { close(descriptor) }
        let rows = Array("user,item,rating,time\n1,2,3,4\n".utf8)
        #expect(write(descriptor, rows, rows.count) == rows.count)
        let task = Task { await Ingested.failure(.small([pipe])) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test
    func aConsumerThatLeavesEndsTheReading() async throws {
        let folder = try TemporaryFolder()
        let pipe = try folder.pipe("pipe")
        // Far more than all queues and buffers hold.
        let rows = Array(String(repeating: "1,2,3,4\n", count: 1000).utf8)
        async let written = BlockingThread().run { Self.feed(pipe, rows, times: 1_000_000) }
        var settings = IngestSettings.small([pipe])
        settings.sources[0].header = .names(["user", "item", "rating", "time"])
        for try await batch in LogIngest(settings).samples(report: IngestReport()) {
            #expect(batch.count == 4096)
            break
        }
        // The writer's end comes only if the reader closed the pipe.
        #expect(try await written < 1_000_000)
    }

    @Test
    func aCancelledConsumerGetsNothingMore() async throws {
        let task = Task { () throws(StageError) in
            var count = 0
            for try await _ in LogIngest(.small([Fixture.path("log.csv")], batchRows: 1)).samples(
                report: IngestReport())
            {
                count += 1
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return count
        }
        let result = await task.result
        #expect(throws: StageError.cancelled) { try result.get() }
    }
}
