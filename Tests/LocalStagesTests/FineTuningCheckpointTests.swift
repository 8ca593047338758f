import ByteStreams
import CTRModels
import FineTuning
import Foundation
import Samples
import Synchronization
import Testing
import UserPartition

@testable import LocalStages

@Suite("A pass of finetune that is cut off")
struct FineTuningCheckpointTests {
    /// A store of eight buckets with users of all kinds.
    private func scripted() async throws -> ScriptedStage {
        try await ScriptedStage(buckets: 8)
    }

    private func output(_ folder: ScriptedStage.Folder, _ name: String) -> FineTuningOutput {
        FineTuningOutput(
            predictions: "\(folder.path)/\(name).arrows", usersTable: "\(folder.path)/\(name).csv",
            overlays: "\(folder.path)/\(name).tar")
    }

    /// A pass that writes a checkpoint after each bucket; gives what it told.
    @discardableResult
    private func pass(
        _ scripted: ScriptedStage, _ output: FineTuningOutput, _ settings: FineTuningSettings = FineTuningSettings(),
        threads: Int = 2
    ) async throws -> (events: [FineTuningStage.Event], report: FineTuningReport) {
        let events = Mutex<[FineTuningStage.Event]>([])
        let report = FineTuningReport()
        var pass = FineTuningPass(
            try scripted.stage(settings), scripted.store, to: output, threads: threads, report: report, timings: nil
        ) { event in events.withLock { $0.append(event) } }
        pass.secondsApart = 0
        _ = try await pass.run()
        return (events.withLock { $0 }, report)
    }

    private func bytes(_ output: FineTuningOutput) throws -> [Data] {
        try [output.predictions, output.usersTable, output.overlays].compactMap(\.self).map {
            try Data(contentsOf: URL(filePath: $0))
        }
    }

    private func bucketName(_ bucket: Int) -> String {
        "bucket-\(String(repeating: "0", count: 4 - String(bucket).count))\(bucket).arrows"
    }

    /// Runs a pass into an end: the store's last bucket with users cannot be read. Gives the bucket as it was.
    private func cutOff(_ scripted: ScriptedStage, _ output: FineTuningOutput) async throws -> (URL, Data) {
        let last = try #require(scripted.store.manifest.buckets.lastIndex { $0.users > 0 })
        let bucket = URL(filePath: scripted.store.path).appending(path: bucketName(last))
        let whole = try Data(contentsOf: bucket)
        try Data(repeating: 0x55, count: whole.count).write(to: bucket)
        await #expect(throws: StageError.self) { try await pass(scripted, output) }
        return (bucket, whole)
    }

    @Test("goes on where it was cut off, and gives the bytes of a pass that was not", arguments: [1, 3])
    func resumes(threads: Int) async throws {
        let scripted = try await scripted()
        let whole = output(scripted.folder, "whole")
        let (events, expected) = try await pass(scripted, whole, threads: 1)
        #expect(events.isEmpty)
        let files = FileManager.default
        #expect(!files.fileExists(atPath: whole.predictions + ".checkpoint"))

        let cut = output(scripted.folder, "cut")
        let (bucket, content) = try await cutOff(scripted, cut)
        #expect(files.fileExists(atPath: cut.predictions + ".checkpoint"))
        #expect(!files.fileExists(atPath: cut.predictions))
        // What stands behind the last finished bucket goes.
        let partial = try FileHandle(forWritingTo: URL(filePath: OutputFile.partialPath(of: cut.predictions)))
        try partial.seekToEnd()
        try partial.write(contentsOf: Data("the start of a batch".utf8))
        try partial.close()
        try content.write(to: bucket)
        let (told, report) = try await pass(scripted, cut, threads: threads)
        guard case .resumed(let users)? = told.first else {
            Issue.record("\(told)")
            return
        }
        #expect(users > 0 && users < expected.counts.users && told.count == 1)
        #expect(try bytes(cut) == bytes(whole))
        #expect(report.counts == expected.counts && report.named == expected.named)
        #expect(!files.fileExists(atPath: cut.predictions + ".checkpoint"))
    }

    @Test("starts anew, and says why, for other settings, other files and partial files that were changed")
    func startsAnew() async throws {
        let scripted = try await scripted()
        let whole = output(scripted.folder, "whole")
        try await pass(scripted, whole)
        let cut = output(scripted.folder, "cut")
        let (bucket, content) = try await cutOff(scripted, cut)
        let checkpoint = URL(filePath: cut.predictions + ".checkpoint")
        let partials =
            [checkpoint]
            + [cut.predictions, cut.usersTable, cut.overlays].compactMap(\.self).map {
                URL(filePath: OutputFile.partialPath(of: $0))
            }
        let contents = try partials.map { try Data(contentsOf: $0) }
        try content.write(to: bucket)
        func again(
            _ output: FineTuningOutput, _ settings: FineTuningSettings = FineTuningSettings(),
            _ change: () throws -> Void = {}
        ) async throws -> [FineTuningStage.Event] {
            for (partial, content) in zip(partials, contents) { try content.write(to: partial) }
            try change()
            return try await pass(scripted, output, settings).events
        }
        #expect(try await again(cut) == [.resumed(users: pastUsers(contents[0]))])
        var other = FineTuningSettings()
        other.schedule.epochs = 2
        guard case .startedAnew? = try await again(cut, other).first else { throw Unexpected() }
        var fewer = cut
        fewer.overlays = nil
        guard case .startedAnew? = try await again(fewer).first else { throw Unexpected() }
        var newer = cut
        newer.maker = "another version"
        guard case .startedAnew? = try await again(newer).first else { throw Unexpected() }
        let record = try JSONDecoder().decode(Origin.self, from: contents[0])
        #expect(record.origin["arithmetic"] == CTRModel.arithmetic && record.origin["maker"] == "")
        for index in partials.indices {
            let events = try await again(cut) {
                var content = contents[index]
                content[content.startIndex + content.count / 3] ^= 1
                try content.write(to: partials[index])
            }
            guard case .startedAnew? = events.first else { throw Unexpected() }
            #expect(try bytes(cut) == bytes(whole))
        }
        var restarted = cut
        restarted.checkpointing = .restart
        #expect(try await again(restarted).isEmpty)
        #expect(try bytes(cut) == bytes(whole))
    }

    private struct Unexpected: Error {}

    private struct Origin: Decodable { var origin: [String: String] }

    private func pastUsers(_ checkpoint: Data) throws -> Int {
        struct Checkpoint: Decodable {
            struct Report: Decodable { var users: Int }
            var report: Report
        }
        return try JSONDecoder().decode(Checkpoint.self, from: checkpoint).report.users
    }

    @Test("writes a table or overlays that are no regular file directly, and leaves that what it was")
    func devices() async throws {
        let scripted = try await scripted()
        let whole = output(scripted.folder, "whole")
        try await pass(scripted, whole)
        var direct = output(scripted.folder, "direct")
        let pipes = try ["table", "overlays"].map { name in
            let pipe = "\(scripted.folder.path)/\(name)"
            try #require(mkfifo(pipe, 0o600) == 0)
            return pipe
        }
        direct.usersTable = pipes[0]
        direct.overlays = pipes[1]
        async let table = FileContents.read(pipes[0], limit: 1 << 20)
        async let overlays = FileContents.read(pipes[1], limit: 1 << 20)
        try await pass(scripted, direct)
        let read = try await [Data(table), Data(overlays)]
        #expect(try read == Array(bytes(whole)[1...]))
        #expect(
            try Data(contentsOf: URL(filePath: direct.predictions))
                == Data(contentsOf: URL(filePath: whole.predictions)))
        for pipe in pipes { #expect(!OutputFile.isRegular(at: pipe)) }
    }

    @Test("what the machine refuses to read ends the pass, and the checkpoint stays")
    func refused() async throws {
        let scripted = try await scripted()
        let cut = output(scripted.folder, "cut")
        let (bucket, content) = try await cutOff(scripted, cut)
        try content.write(to: bucket)
        // A link to itself cannot be opened, by the superuser neither.
        let partial = OutputFile.partialPath(of: cut.predictions)
        try FileManager.default.removeItem(atPath: partial)
        try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: partial)
        let error = await #expect(throws: StageError.self) { try await pass(scripted, cut) }
        #expect(error?.code == .environment)
        #expect(FileManager.default.fileExists(atPath: cut.predictions + ".checkpoint"))
    }

    @Test("leaves nothing behind before the first bucket is finished")
    func nothing() async throws {
        let scripted = try await scripted()
        let first = try #require(scripted.store.manifest.buckets.firstIndex { $0.users > 0 })
        let bucket = URL(filePath: scripted.store.path).appending(path: bucketName(first))
        try Data(repeating: 0x55, count: Data(contentsOf: bucket).count).write(to: bucket)
        let output = output(scripted.folder, "none")
        await #expect(throws: StageError.self) { try await pass(scripted, output) }
        let left = try FileManager.default.contentsOfDirectory(atPath: scripted.folder.path)
        #expect(!left.contains { $0.contains("none") }, "\(left)")
    }

    @Test("the overlays are an archive that tar reads, a file for each user who is kept, and load on the cloud model")
    func overlays() async throws {
        let scripted = try await scripted()
        let output = output(scripted.folder, "whole")
        let (_, report) = try await pass(scripted, output)
        let folder = scripted.folder.path + "/overlays"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let tar = Process()
        tar.executableURL = URL(filePath: "/bin/tar")
        tar.arguments = ["-xf", try #require(output.overlays), "-C", folder]
        try tar.run()
        tar.waitUntilExit()
        #expect(tar.terminationStatus == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == report.counts.overlays && report.counts.overlays == report.counts.kept)
        #expect(report.counts.overlays > 0)
        var sum = 0
        for name in names {
            let bytes = Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
            sum += bytes.count
            let overlay = try Overlay(safetensors: bytes, cloud: ScriptedStage.model())
            #expect(overlay.denseCount > 0)
        }
        #expect(sum == report.counts.overlayBytes)
    }

    @Test("an entry's name is the user's key, spelt so that every system takes it")
    func names() {
        func name(_ key: UserKey) -> String {
            let header = OverlayArchive.entry([1, 2, 3], of: key)
            #expect(header.count == 1024)
            return String(decoding: header.prefix { $0 != 0 }, as: UTF8.self)
        }
        #expect(name(.integer(-42)) == "-42.safetensors")
        #expect(name(.text("a/../b c")) == "a%2f%2e%2e%2fb%20c.safetensors")
        let long = name(.text(String(repeating: "ä", count: 300)))
        #expect(long.utf8.count < 100 && long.hasSuffix(".safetensors"))
        #expect(long != name(.text(String(repeating: "ä", count: 301))))
    }
}
