import ByteStreams
import CTRModels
import Crypto
import Foundation
import OrderedJSON
import Samples
import Synchronization
import Testing
import UserPartition

@testable import CloudTraining

extension CheckpointTests {
    @Test("leaves a checkpoint of other settings as it is until its own first pass is written down")
    func keepsOthers() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        let settings = Self.settings()
        try await train(settings, on: store, folder)
        try await train(settings, on: store, folder, stopAfter: 1, as: "other")
        let checkpoint = folder.path + "/other.checkpoint"
        let before = try contents(of: checkpoint)
        #expect(before.count == 3)

        // A loss that is not finite: the training ends before its first pass does.
        var changed = settings
        changed.optimizer = .sgd(learningRate: 1e38)
        let log = Log()
        await #expect(throws: StageError.self) {
            try await CloudTrainer(changed, seed: 1).train(on: store, into: folder.path + "/other") { event in
                log.events.withLock { $0.append(event) }
            }
        }
        #expect(log.reason?.contains("optimizer was adam 0.01") == true && log.passes.isEmpty)
        #expect(try contents(of: checkpoint) == before)

        // Nor does a pass whose record was not written in time: its files have names of their own.
        let left = ["epoch-1-2.safetensors", "epoch-1-2.optimizer.safetensors"]
        for name in left { try Data("half".utf8).write(to: URL(filePath: "\(checkpoint)/\(name)")) }
        changed.optimizer = .adam(learningRate: 0.02)
        try await train(changed, on: store, folder, stopAfter: 1, as: "other")
        #expect(
            Set(try contents(of: checkpoint).keys)
                == ["checkpoint.json", "epoch-1-3.safetensors", "epoch-1-3.optimizer.safetensors"])
        let (resumed, _) = try await train(changed, on: store, folder, as: "other")
        #expect(resumed.resumed == 1)
        try await train(changed, on: store, folder, as: "fresh")
        #expect(try folder.read("other") == folder.read("fresh"))
        withExtendedLifetime(folder) {}
    }

    @Test("does not take a file that the machine refuses to read for a damaged one")
    func refused() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        let settings = Self.settings()
        try await train(settings, on: store, folder)
        try await train(settings, on: store, folder, stopAfter: 2, as: "other")
        let checkpoint = folder.path + "/other.checkpoint"
        for name in ["checkpoint.json", "epoch-2.safetensors", "epoch-2.optimizer.safetensors"] {
            let path = "\(checkpoint)/\(name)"
            let bytes = try Data(contentsOf: URL(filePath: path))
            // A link to itself cannot be opened, by the superuser neither.
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: name)
            let names = Set(try FileManager.default.contentsOfDirectory(atPath: checkpoint))
            let error = await #expect(throws: StageError.self) {
                try await CloudTrainer(settings, seed: 1).train(on: store, into: folder.path + "/other")
            }
            #expect(error?.code == .environment && error?.position?.file == path)
            #expect(Set(try FileManager.default.contentsOfDirectory(atPath: checkpoint)) == names)
            try FileManager.default.removeItem(atPath: path)
            try bytes.write(to: URL(filePath: path))
        }
        let (log, _) = try await train(settings, on: store, folder, as: "other")
        #expect(log.resumed == 2)
        #expect(try folder.read("other") == folder.read("model"))
        withExtendedLifetime(folder) {}
    }

    @Test("does not believe a record in which one digit was changed, nor one of other steps than its passes have")
    func digits() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        let settings = Self.settings()
        try await train(settings, on: store, folder, stopAfter: 2)
        let path = folder.path + "/model.checkpoint/checkpoint.json"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let record = try CheckpointRecord(bytes)
        #expect(record.json == bytes && record.steps == 2 * 7)
        for place in bytes.indices where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) {
            var changed = bytes
            changed[place] = changed[place] == UInt8(ascii: "9") ? UInt8(ascii: "8") : changed[place] + 1
            // The last digit of a figure may be spelt otherwise and be the same figure.
            let read = try? CheckpointRecord(changed)
            #expect(read == nil || read == record, "byte \(place)")
        }
        // Even where the hash is right; the last would be counted up to for hours.
        for steps in [0, 7, 13, 15, 1 << 60] {
            var changed = record
            changed.steps = steps
            try Data(changed.json).write(to: URL(filePath: path))
            let (log, _) = try await train(settings, on: store, folder, stopAfter: 1)
            #expect(log.reason == "checkpoint.json is damaged (its passes have 14 steps)")
            try await train(settings, on: store, folder, stopAfter: 2, .restart)
        }
        // The optimiser's file has its own number.
        let name = "\(folder.path)/model.checkpoint/\(record.optimizer.name)"
        var state = [UInt8](try Data(contentsOf: URL(filePath: name)))
        let text = Array(#""plumb.steps":"14""#.utf8)
        let start = try #require(
            (0..<state.count - text.count).first { state[$0..<$0 + text.count].elementsEqual(text) })
        state[start + text.count - 2] = UInt8(ascii: "3")
        try Data(state).write(to: URL(filePath: name))
        var changed = record
        changed.optimizer.sha256 = SHA256.hash(data: state).hexadecimal
        try Data(changed.json).write(to: URL(filePath: path))
        let (log, _) = try await train(settings, on: store, folder, stopAfter: 1)
        #expect(log.reason?.contains("other steps") == true)
        withExtendedLifetime(folder) {}
    }

    @Test("leaves files that are none of its own")
    func foreignFiles() async throws {
        let folder = try Folder()
        let store = try await CloudTrainerTests.store(folder: folder)
        try await train(Self.settings(), on: store, folder, stopAfter: 1)
        let checkpoint = folder.path + "/model.checkpoint"
        let foreign = [".nfs0001", ".keep", "notes.txt", ".notes.partial"]
        let own = [".epoch-3.safetensors.partial", ".checkpoint.json.partial", "epoch-9.safetensors"]
        for name in foreign + own { try Data("x".utf8).write(to: URL(filePath: "\(checkpoint)/\(name)")) }
        try await train(Self.settings(), on: store, folder)
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: checkpoint)) == Set(foreign))
        withExtendedLifetime(folder) {}
    }

    private func contents(of folder: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            contents[name] = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
        }
        return contents
    }
}
