import Samples
import Synchronization
import Testing

@testable import UserPartition

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("The folder in which a store is made")
struct StoreFolderTests {
    private func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    @Test("appears whole, private, under its name, where nothing stood")
    func publishNew() async throws {
        try await withTemporaryFolder { folder in
            let making = try StoreFolder(for: "\(folder)/store/")
            #expect(try contents(folder) == [".store.partial"])
            _ = try StoreFile(creating: StoreLayout.index, in: making.folder).finish()
            try making.publish()
            #expect(try contents(folder) == ["store"])
            #expect(try contents("\(folder)/store") == [StoreLayout.index])
            #expect(try mode("\(folder)/store") == 0o700)
            #expect(try mode("\(folder)/store/\(StoreLayout.index)") == 0o600)
        }
    }

    @Test("leaves nothing when discarded")
    func discard() async throws {
        try await withTemporaryFolder { folder in
            let making = try StoreFolder(for: "\(folder)/store")
            _ = try StoreFile(creating: StoreLayout.temporary("spill-3"), in: making.folder).finish()
            making.discard()
            #expect(try contents(folder).isEmpty)
        }
    }

    @Test("does not touch the store once it is in place")
    func discardAfterPublish() async throws {
        try await withTemporaryFolder { folder in
            let making = try StoreFolder(for: "\(folder)/store")
            try making.publish()
            making.discard()
            #expect(try contents(folder) == ["store"])
        }
    }

    @Test("lets one builder in at a time")
    func lock() async throws {
        try await withTemporaryFolder { folder in
            let first = try StoreFolder(for: "\(folder)/store")
            #expect(throws: StageError.self) { try StoreFolder(for: "\(folder)/store") }
            #expect(try contents(folder) == [".store.partial"])
            first.discard()
            try StoreFolder(for: "\(folder)/store").publish()
            #expect(try contents(folder) == ["store"])
        }
    }

    @Test("removes what a killed run left")
    func leftover() async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/.store.partial", withIntermediateDirectories: false)
            try write("half", "\(folder)/.store.partial/bucket-0000.arrows")
            let making = try StoreFolder(for: "\(folder)/store")
            #expect(try contents("\(folder)/.store.partial").isEmpty)
            making.discard()
        }
    }

    @Test("replaces an empty folder, and follows a link to where the store really stands")
    func replaceEmpty() async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/real", withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "real")
            let making = try StoreFolder(for: "\(folder)/link")
            _ = try StoreFile(creating: StoreLayout.index, in: making.folder).finish()
            try making.publish()
            #expect(try contents(folder) == ["link", "real"])
            #expect(try contents("\(folder)/real") == [StoreLayout.index])
        }
    }

    @Test(
        "refuses to replace what is no store, and says what it is",
        arguments: ["a file", "a folder", "a folder with a foreign manifest", "a store with a foreign file"])
    func refusal(_ what: String) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store"
            if what == "a file" {
                try write("precious", path)
            } else {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                if what == "a folder with a foreign manifest" {
                    try write(#"{"name": "web application"}"#, "\(path)/manifest.json")
                } else {
                    try write("precious", "\(path)/notes.txt")
                }
                if what == "a store with a foreign file" {
                    try write(#"{"format": "plumb partition store", "version": 1}"#, "\(path)/manifest.json")
                }
            }
            let before = try contents(folder) + ((try? contents(path)) ?? [])
            #expect {
                try StoreFolder(for: path)
            } throws: { error in
                guard let error = error as? StageError else { return false }
                return error.code == .environment && error.message.contains("not replaced") && error.advice != nil
            }
            #expect(try contents(folder) + ((try? contents(path)) ?? []) == before)
        }
    }

    @Test("replaces a store also where the file system cannot swap two folders")
    func twoSteps() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            // From the second time on the folder that an interrupted replacement leaves is in the way.
            for name in [StoreLayout.bucket(1), StoreLayout.bucket(2), StoreLayout.bucket(3)] {
                let making = try StoreFolder(for: path)
                _ = try StoreFile(creating: name, in: making.folder).finish()
                try write(#"{"format": "plumb partition store", "version": 1}"#, "\(making.folder.path)/manifest.json")
                #expect(try making.replaceInTwoSteps().hasSuffix("/.store.old"))
                #expect(try contents(path) == [name, StoreLayout.manifest])
            }
            #expect(try contents(folder) == [".store.old", "store"])
            #expect(try contents("\(folder)/.store.old") == [StoreLayout.bucket(2), StoreLayout.manifest])
        }
    }

    @Test("can be put in place again at once, by another builder in the same process")
    func publishTwice() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store"
            let first = try StoreFolder(for: path)
            try first.publish()
            let second = try StoreFolder(for: path)
            try second.publish()
            #expect(second.folder.stands(at: second.destination))
            #expect(!first.folder.stands(at: first.destination))
        }
    }

    @Test("never lets two builders hold the place at once, however often they come and go, and fails in no other way")
    func contention() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store"
            let isHeld = Flag()
            let builders = (0..<4).map { builder in
                Task {
                    for round in 0..<200 {
                        do throws(StageError) {
                            let making = try StoreFolder(for: path)
                            #expect(isHeld.set(true) == false)
                            #expect(isHeld.set(false) == true)
                            if (builder + round) % 3 == 0 { try making.publish() } else { making.discard() }
                        } catch {
                            #expect(error.message == "another process is building this store")
                        }
                    }
                }
            }
            for builder in builders { await builder.value }
            let left = try contents(folder)
            #expect(left.isEmpty || left == ["store"])
        }
    }

    @Test("says that the parent folder is missing")
    func missingParent() async throws {
        try await withTemporaryFolder { folder in
            #expect {
                try StoreFolder(for: "\(folder)/missing/store")
            } throws: { error in
                (error as? StageError)?.advice == "make the folder it stands in first"
            }
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        /// Returns what it was.
        func set(_ new: Bool) -> Bool { value.exchange(new, ordering: .sequentiallyConsistent) }
    }
}
