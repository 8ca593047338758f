import ByteStreams
import Samples
import Testing

@testable import UserPartition

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Opening and reading a store")
struct PartitionStoreTests {
    /// Runs `body` with the path of a store in 2 buckets.
    private func withStore(rows: Int = 600, _ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let log = SampleLog(.integer, rows: rows, users: 40, seed: 9)
            _ = try await ScriptedBatches(batches: log.batches(of: 100)).partition(
                into: "\(folder)/store", settings: PartitionSettings(buckets: 2))
            try await body("\(folder)/store")
        }
    }

    private func edit(_ path: String, _ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        change(&bytes)
        try bytes.write(to: URL(filePath: path))
    }

    private func failure(_ body: () throws(StageError) -> Void) -> StageError? {
        do throws(StageError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("finds a flipped byte in any file and names the file")
    func flippedByte() async throws {
        try await withStore { path in
            for name in try contents(path) where name != StoreLayout.manifest {
                let size = try Data(contentsOf: URL(filePath: "\(path)/\(name)")).count
                for place in [0, size / 2, size - 1] {
                    try edit("\(path)/\(name)") { $0[place] ^= 0x10 }
                    let error = failure { () throws(StageError) in try PartitionStore(opening: path).verify() }
                    #expect(error?.code == .data)
                    #expect(error?.position?.file.hasSuffix(name) == true)
                    try edit("\(path)/\(name)") { $0[place] ^= 0x10 }
                }
            }
            try PartitionStore(opening: path).verify()
        }
    }

    @Test("refuses a store with a file cut short, one that is missing, or one byte too many")
    func wrongSizes() async throws {
        try await withStore { path in
            for name in try contents(path) where name != StoreLayout.manifest {
                let whole = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
                for bytes in [whole.dropLast(), whole.prefix(10), whole + [0]] {
                    try bytes.write(to: URL(filePath: "\(path)/\(name)"))
                    let error = failure { () throws(StageError) in _ = try PartitionStore(opening: path) }
                    #expect(error?.code == .data)
                    #expect(error?.position?.file.hasSuffix(name) == true)
                }
                try FileManager.default.removeItem(atPath: "\(path)/\(name)")
                let error = failure { () throws(StageError) in _ = try PartitionStore(opening: path) }
                #expect(error?.code == .environment)
                #expect(error?.position?.file.hasSuffix(name) == true)
                try whole.write(to: URL(filePath: "\(path)/\(name)"))
            }
        }
    }

    @Test(
        "reads no damaged file to its end: any flipped byte ends with an error or, in padding, gives the same samples")
    func hostileFiles() async throws {
        try await withStore(rows: 120) { path in
            let store = try PartitionStore(opening: path)
            let whole = try await everything(store)
            for name in [StoreLayout.bucket(0), StoreLayout.index, StoreLayout.trainCounts] {
                let bytes = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
                for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
                    for flip in [0x01, 0x80] as [UInt8] {
                        try edit("\(path)/\(name)") { $0[place] ^= flip }
                        // Values may change unseen (that is what `verify` is for), but nothing traps or hangs.
                        let read = try? await everything(store)
                        if let read { #expect(read.rows == whole.rows) }
                        try edit("\(path)/\(name)") { $0[place] ^= flip }
                    }
                }
            }
        }
    }

    private func everything(_ store: PartitionStore) async throws -> (rows: Int, users: UserIndex) {
        var rows = 0
        for try await batch in store.localDatasets() { rows += batch.count }
        let users = try store.users()
        for user in [0, users.count / 2, users.count - 1] { _ = try store.localDataset(of: users.users[user]) }
        _ = try store.trainCounts()
        return (rows, users)
    }

    @Test("says what is wrong with a folder that is no store")
    func noStore() async throws {
        try await withTemporaryFolder { folder in
            let missing = failure { () throws(StageError) in _ = try PartitionStore(opening: "\(folder)/nothing") }
            #expect(missing?.code == .environment)
            let empty = failure { () throws(StageError) in _ = try PartitionStore(opening: folder) }
            #expect(empty?.code == .data)
            #expect(empty?.message.contains("not a partition store") == true)
            for text in ["", "[1, 2", "{}", #"{"format": "other", "version": 1}"#, "\u{0}\u{1}"] {
                try text.write(toFile: "\(folder)/manifest.json", atomically: false, encoding: .utf8)
                let foreign = failure { () throws(StageError) in _ = try PartitionStore(opening: folder) }
                #expect(foreign?.code == .data)
                #expect(foreign?.message.contains("not the manifest of a partition store") == true)
            }
        }
    }

    @Test("refuses a store of a newer version, and says so")
    func newerVersion() async throws {
        try await withStore { path in
            try edit("\(path)/manifest.json") { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                bytes = Data(text.replacing("\"version\" : 2", with: "\"version\" : 3").utf8)
            }
            let error = failure { () throws(StageError) in _ = try PartitionStore(opening: path) }
            #expect(error?.code == .data)
            #expect(error?.message.contains("newer version") == true)
        }
    }

    @Test("refuses a manifest in which any number, name or checksum was changed")
    func changedManifest() async throws {
        try await withStore { path in
            let whole = try Data(contentsOf: URL(filePath: "\(path)/manifest.json"))
            var accepted = 0
            for place in whole.indices where !" \n".utf8.contains(whole[place]) {
                var bytes = whole
                bytes[place] ^= 0x01
                try bytes.write(to: URL(filePath: "\(path)/manifest.json"))
                if (try? PartitionStore(opening: path)) != nil { accepted += 1 }
            }
            #expect(accepted == 0)
        }
    }

    @Test("gives the manifest back as it was written, whatever the schema")
    func manifestRoundTrip() async throws {
        try await withTemporaryFolder { folder in
            let schema = SampleSchema(
                userKind: .text,
                features: [
                    SampleSchema.Feature(name: "Größe \"x\"/\\", kind: .dense, encoding: nil),
                    SampleSchema.Feature(name: "tags", kind: .multivalued, encoding: .hash(size: 99)),
                    SampleSchema.Feature(name: "item id", kind: .categorical, encoding: .dictionary),
                ], item: 2)
            let made = try await ScriptedBatches(batches: [SampleBatch(schema)]).partition(
                into: "\(folder)/store",
                settings: PartitionSettings(split: .fractions(train: 1.0 / 3, validation: 0, test: 2.0 / 3)))
            let read = try PartitionStore(opening: "\(folder)/store").manifest
            #expect(read == made.manifest)
            #expect(read.schema == schema)
            #expect(read.fingerprint == made.manifest.fingerprint)
            #expect(read.dictionarySizes == [nil, 100, 1])
        }
    }

    @Test("fingerprints content and settings: equal for the same, different for any other")
    func fingerprint() async throws {
        try await withTemporaryFolder { folder in
            var seen: [String] = []
            for (seed, buckets, train) in [(1, 2, 0.7), (1, 2, 0.7), (2, 2, 0.7), (1, 3, 0.7), (1, 2, 0.6)] {
                let log = SampleLog(.integer, rows: 200, users: 10, seed: UInt64(seed))
                let made = try await ScriptedBatches(batches: log.batches(of: 10)).partition(
                    into: "\(folder)/\(seen.count)",
                    settings: PartitionSettings(
                        split: .fractions(train: train, validation: 0.1, test: 0.9 - train), buckets: buckets))
                seen.append(made.manifest.fingerprint)
            }
            #expect(seen[0] == seen[1])
            #expect(Set(seen).count == 4)
        }
    }
}
