import Foundation
import Samples
import Testing

@testable import ByteStreams

@Suite("An input file")
struct InputFileTests {
    @Test("refuses a folder, and closes what it opened once")
    func folder() throws {
        // Were the descriptor closed twice, the second time would hit this file, which gets the same number.
        for _ in 0..<50 {
            let error = #expect(throws: StageError.self) { try InputFile(path: "/", cancellation: Cancellation()) }
            #expect(error?.message == "is a folder, not a file")
        }
        let descriptor = open("/dev/null", O_RDONLY)
        #expect(throws: StageError.self) { try InputFile(path: "/", cancellation: Cancellation()) }
        #expect(fcntl(descriptor, F_GETFD) != -1)
        close(descriptor)
    }

    @Test("that is a named pipe without a writer ends when cancelled")
    func silentPipe() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let task = Task { () -> StageError? in
            do throws(StageError) {
                _ = try await FileContents.read(path, limit: 10)
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("that is a named pipe is read from its first byte, however late the writer comes")
    func lateWriter() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        async let bytes = FileContents.read(path, limit: 100)
        try await Task.sleep(for: .milliseconds(50))
        try Data("late".utf8).write(to: URL(filePath: path))
        #expect(try await bytes == Array("late".utf8))
    }

    @Test("larger than the limit is refused")
    func limit() async {
        let error = await #expect(throws: StageError.self) {
            try await FileContents.read(#filePath, limit: 100)
        }
        #expect(error?.code == .data)
    }
}
