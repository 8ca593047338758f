import Foundation
import Samples
import Testing

@testable import ByteStreams

@Suite("An output file")
struct OutputFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")

    private func inFolder(_ body: (String) throws -> Void) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path) }

    @Test("appears whole when published, and not before")
    func publish() throws {
        try inFolder { folder in
            let file = try OutputFile(path: "\(folder)/a")
            try file.write(Array("whole".utf8))
            #expect(try names() == [".a.partial"])
            try file.publish()
            #expect(try names() == ["a"])
            #expect(FileManager.default.contents(atPath: "\(folder)/a") == Data("whole".utf8))
        }
    }

    @Test("released without being published leaves nothing, and an older file as it was")
    func discard() throws {
        try inFolder { folder in
            _ = FileManager.default.createFile(atPath: "\(folder)/a", contents: Data("old".utf8))
            do {
                let file = try OutputFile(path: "\(folder)/a")
                try file.write(Array("half".utf8))
            }
            #expect(try names() == ["a"])
            #expect(FileManager.default.contents(atPath: "\(folder)/a") == Data("old".utf8))
        }
    }

    @Test("is refused while another writes it, and what a killed writer left is replaced")
    func twoWriters() throws {
        try inFolder { folder in
            _ = FileManager.default.createFile(atPath: "\(folder)/.a.partial", contents: Data("left over".utf8))
            let first = try OutputFile(path: "\(folder)/a")
            #expect(throws: StageError.self) { try OutputFile(path: "\(folder)/a") }
            try first.write([65])
            try first.publish()
            #expect(FileManager.default.contents(atPath: "\(folder)/a") == Data([65]))
        }
    }

    @Test("that is a named pipe without a reader ends when cancelled")
    func unreadPipe() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let task = Task { () -> StageError? in
            do throws(StageError) {
                try await FileContents.write([1], to: path)
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        // Lets go of a writer that does not hear the cancellation.
        let reader = Task { () -> Int32 in
            guard (try? await Task.sleep(for: .seconds(10))) != nil else { return -1 }
            return open(path, O_RDONLY | O_NONBLOCK)
        }
        #expect(await task.value?.code == .cancelled)
        reader.cancel()
        let descriptor = await reader.value
        #expect(descriptor == -1, "only a reader ended the wait")
        close(descriptor)
    }

    @Test("that is a named pipe is written whole, however late and slow the reader")
    func lateReader() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        // More than a pipe holds: a descriptor left non-blocking would refuse what does not fit.
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let written: Void = FileContents.write(bytes, to: path)
        try await Task.sleep(for: .milliseconds(120))
        #expect(try await FileContents.read(path, limit: 1 << 20) == bytes)
        try await written
    }

    @Test("tells of a missing folder, a folder in its place, and a full disk")
    func refusals() throws {
        try inFolder { folder in
            let missing = #expect(throws: StageError.self) { try OutputFile(path: "\(folder)/no/a") }
            #expect(missing?.advice?.contains("make the folder") == true)
            #expect(throws: StageError.self) { try OutputFile(path: folder) }
        }
        #if os(Linux)
        let full = try OutputFile(path: "/dev/full")
        let error = #expect(throws: StageError.self) { try full.write([1, 2, 3]) }
        #expect(error?.code == .environment)
        #endif
    }
}
