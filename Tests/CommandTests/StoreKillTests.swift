import Foundation
import Testing

/// A store is whole or not there, whatever happens while it is made.
@Suite("A store that is killed, or meets a full disk, while it is made")
struct StoreKillTests {
    /// Samples of 300 users, ready to be partitioned by way of spill files.
    private func samples(in folder: TemporaryFolder) throws {
        try folder.write(
            """
            ingest:
              sources: {log: {path: log.csv, format: csv}}
              user: user
              time: time
              label: click
              item: item
            """, to: "p.yaml")
        let made = try Plumb.run(["synth", "--rows", "30000", "--users", "300", "-o", "log.csv"], in: folder.url)
        #expect(made.status == 0)
        let ingested = try Plumb.run(["ingest", "-p", "p.yaml", "-o", "samples.arrows"], in: folder.url)
        #expect(ingested.status == 0)
    }

    private static let partition = [
        "partition", "samples.arrows", "-o", "store", "--memory", "1MiB", "--buckets", "4", "--negatives", "1",
    ]

    private func bytes(_ folder: TemporaryFolder, _ store: String = "store") throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try folder.names() where name.hasPrefix("\(store)/") {
            files[String(name.dropFirst(store.count + 1))] = try folder.read(name)
        }
        return files
    }

    @Test("leaves the older store, or none, at any moment, and the next run cleans up and makes the same bytes")
    func killed() throws {
        let folder = try TemporaryFolder()
        try samples(in: folder)
        let begun = ContinuousClock.now
        let clean = try Plumb.run(Self.partition, in: folder.url)
        #expect(clean.status == 0)
        let microseconds = (ContinuousClock.now - begun) / .microseconds(1)
        let expected = try bytes(folder)
        #expect(expected.count == 7)
        // An older store of other settings, and none.
        for hasOlder in [true, false] {
            try FileManager.default.removeItem(at: folder.url.appending(path: "store"))
            var older: [String: Data] = [:]
            if hasOlder {
                let made = try Plumb.run(
                    ["partition", "samples.arrows", "-o", "store", "--buckets", "2"], in: folder.url)
                #expect(made.status == 0)
                older = try bytes(folder)
            }
            var killed = 0
            for round in 0..<12 {
                let running = try Plumb.start(Self.partition, in: folder.url)
                usleep(UInt32(microseconds * Double(round + 1) / 12))
                kill(running.process.processIdentifier, SIGKILL)
                let status = running.finish().status
                let found = try bytes(folder)
                if status == -SIGKILL {
                    killed += 1
                    #expect(found == older || found == expected, "killed in round \(round)")
                } else {
                    #expect(status == 0 && found == expected)
                }
                // What is there is whole.
                if !found.isEmpty { #expect(try Plumb.run(["verify", "store"], in: folder.url).status == 0) }
                older = found
            }
            #expect(killed > 0)
            #expect(try Plumb.run(Self.partition, in: folder.url).status == 0)
            #expect(try bytes(folder) == expected)
            #expect(try !folder.names().contains { $0.hasPrefix(".store") })
        }
    }

    @Test("an interrupt at any moment ends it with 130 and leaves the older store and nothing else, unless it was done")
    func interrupted() throws {
        let folder = try TemporaryFolder()
        try samples(in: folder)
        let begun = ContinuousClock.now
        #expect(try Plumb.run(Self.partition, in: folder.url).status == 0)
        let microseconds = (ContinuousClock.now - begun) / .microseconds(1)
        let expected = try bytes(folder)
        #expect(
            try Plumb.run(["partition", "samples.arrows", "-o", "store", "--buckets", "2"], in: folder.url).status == 0)
        let before = try folder.names()
        let older = try bytes(folder)
        var interrupted = 0
        for round in 0..<10 {
            let running = try Plumb.start(Self.partition, in: folder.url)
            // It has begun, and listens.
            _ = running.shows { folder.exists(".store.partial") }
            usleep(UInt32(microseconds * Double(round) / 10))
            kill(running.process.processIdentifier, SIGINT)
            let status = running.finish().status
            if status == 130 {
                interrupted += 1
                #expect(try folder.names() == before, "interrupted in round \(round)")
                #expect(try bytes(folder) == older)
            } else {
                #expect(status == 0)
                #expect(try bytes(folder) == expected)
                let again = try Plumb.run(
                    ["partition", "samples.arrows", "-o", "store", "--buckets", "2"], in: folder.url)
                #expect(again.status == 0)
            }
        }
        #expect(interrupted > 0)
    }

    @Test("says that the file may not grow further, exits with 2 and leaves nothing")
    func fileSizeLimit() throws {
        let folder = try TemporaryFolder()
        try samples(in: folder)
        let before = try folder.names()
        let result = try Plumb.runByShell("ulimit -f 100; exec \"$0\" \"$@\"", Self.partition, in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.contains("File too large"))
        #expect(try folder.names() == before)
    }

    /// A file system of 1 MiB, where the system lets this account mount one.
    private final class SmallDisk {
        let path: String

        /// Whether this account may mount one.
        static let isAvailable = (try? TemporaryFolder()).flatMap { try? SmallDisk($0) } != nil

        init?(_ folder: TemporaryFolder) throws {
            path = folder.url.appending(path: "disk").path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            guard try Self.run("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path]) else { return nil }
        }

        deinit { _ = try? Self.run("/bin/umount", [path]) }

        private static func run(_ tool: String, _ arguments: [String]) throws -> Bool {
            guard FileManager.default.isExecutableFile(atPath: tool) else { return false }
            let process = Process()
            process.executableURL = URL(filePath: tool)
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }

    @Test(
        "says that the disk is full, exits with 2, leaves the older store and nothing else",
        .enabled("needs an account that may mount a file system") { SmallDisk.isAvailable })
    func diskFull() throws {
        let folder = try TemporaryFolder()
        try samples(in: folder)
        let disk = try #require(try SmallDisk(folder))
        let store = "\(disk.path)/store"
        // A store of a few users fits.
        let small = try Plumb.run(
            ["partition", "samples.arrows", "-o", store, "--buckets", "1", "--max-samples", "20"], in: folder.url)
        // Its spill files do not wait beside it: the log's rows fit in memory.
        #expect(small.status == 0)
        let before = try bytes(folder, "disk/store")
        #expect(before.count == 4)
        for memory in ["256MiB", "1MiB"] {
            let result = try Plumb.run(
                ["partition", "samples.arrows", "-o", store, "--memory", memory, "--negatives", "3"], in: folder.url)
            #expect(result.status == 2)
            #expect(result.errors.contains("No space left on device"))
            #expect(try bytes(folder, "disk/store") == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["store"])
        }
    }
}
