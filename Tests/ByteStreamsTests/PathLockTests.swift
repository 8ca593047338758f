import Foundation
import Samples
import Testing

@testable import ByteStreams

@Suite("The lock of a file or folder")
struct PathLockTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)")

    private func inFolder(_ body: (String) throws -> Void) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func outcome(_ path: String) throws -> String {
        switch try PathLock.take(path) {
        case .held: "held"
        case .busy: "busy"
        case .missing: "missing"
        }
    }

    @Test("is one owner's at a time, and given back when that one lets go")
    func exclusive() throws {
        try inFolder { folder in
            _ = FileManager.default.createFile(atPath: "\(folder)/a", contents: nil)
            for path in [folder, "\(folder)/a"] {
                do {
                    let first = try PathLock.take(path)
                    #expect(try outcome(path) == "busy")
                    withExtendedLifetime(first) {}
                }
                #expect(try outcome(path) == "held")
            }
            #expect(try outcome("\(folder)/nowhere") == "missing")
        }
    }

    @Test("keeps what is half-made from being removed while its writer holds it, and no longer")
    func abandoned() throws {
        try inFolder { folder in
            do {
                let writer = try OutputFile(path: "\(folder)/a")
                try FileTree.removeAbandoned("\(folder)/.a.partial")
                #expect(FileTree.exists("\(folder)/.a.partial"))
                try writer.publish()
            }
            // Published files are no longer locked; this stands for one whose writer was killed.
            try FileTree.removeAbandoned("\(folder)/a")
            try FileTree.makeFolder("\(folder)/b")
            _ = FileManager.default.createFile(atPath: "\(folder)/b/c", contents: nil)
            try FileTree.removeAbandoned("\(folder)/b")
            try FileTree.removeAbandoned("\(folder)/nowhere")
            #expect(try FileTree.names(in: folder) == [])
        }
    }
}

@Suite("The stamp of a file")
struct FileStampTests {
    @Test("is that of a regular file, the same until the file is written or replaced")
    func stamp() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "plumb-\(UUID().uuidString)").path
        #expect(FileStamp(of: path) == nil)
        #expect(FileStamp(of: "/dev/null") == nil)
        #expect(FileStamp(of: "/") == nil)
        try Data("abc".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let time = Date(timeIntervalSince1970: 1_000_000_000)
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
        let stamp = try #require(FileStamp(of: path))
        #expect(stamp.bytes == 3 && stamp.modified == 1_000_000_000_000_000_000)
        #expect(FileStamp(of: path) == stamp)
        // Another file of the same size and time in its place.
        try Data("abd".utf8).write(to: URL(filePath: path + "-2"))
        try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path + "-2")
        #expect(rename(path + "-2", path) == 0)
        #expect(FileStamp(of: path) != stamp)
        #expect(FileStamp(of: path)?.modified == stamp.modified)
    }

    @Test("shows every later write if it is two seconds old")
    func settled() {
        func stamp(_ modified: Int) -> FileStamp {
            FileStamp(bytes: 1, modified: modified, changed: 0, inode: 1, device: 1)
        }
        let now = 10_000_000_000
        #expect(stamp(7_999_999_999).isSettled(at: now))
        #expect(!stamp(8_000_000_000).isSettled(at: now))
        #expect(!stamp(.max).isSettled(at: now))
        #expect(stamp(.min).isSettled(at: now))
    }
}
