import Samples
import Testing

@testable import UserPartition

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Pseudonyms for user keys")
struct PseudonymTests {
    @Test("are the HMAC-SHA-256 that RFC 4231 gives, cut to 128 bits")
    func knownAnswers() {
        var first = Pseudonymizer(key: [UInt8](repeating: 0x0B, count: 20))
        #expect(first.pseudonym(of: .text("Hi There")) == "b0344c61d8db38535ca8afceaf0bf12b")
        var second = Pseudonymizer(key: "Jefe".utf8)
        #expect(second.pseudonym(of: .text("what do ya want for nothing?")) == "5bdcc146bf60754e6a042426089575c7")
    }

    @Test("stand for the keys of a store, whose samples stay, and an integer's are those of its digits")
    func store() async throws {
        let log = SampleLog(.integer, rows: 400, users: 30, seed: 3)
        let text = SampleLog(
            .text,
            rows: log.rows.map { row in
                var row = row
                row.user = .text(row.user.description)
                return row
            })
        try await withTemporaryFolder { folder in
            let key = try keyFile("0123456789abcdef", mode: 0o600, in: folder)
            var fingerprints: Set<String> = []
            for log in [log, text] {
                let made = try await ScriptedBatches(batches: log.batches(of: 64)).partition(
                    into: "\(folder)/store", settings: PartitionSettings(pseudonymKeyFile: key))
                fingerprints.insert(made.manifest.fingerprint)
                #expect(made.manifest.pseudonymKey?.count == 16)
            }
            #expect(fingerprints.count == 1)
            let store = try PartitionStore(opening: "\(folder)/store")
            #expect(store.schema.userKind == .text)
            var pseudonyms = Pseudonymizer(key: "0123456789abcdef".utf8)
            #expect(store.manifest.pseudonymKey == pseudonyms.keyCheck)
            for user in ReferenceStore(log, settings: PartitionSettings()).users {
                let samples = try #require(try store.localDataset(of: .text(pseudonyms.pseudonym(of: user.key))))
                #expect(SampleLog.rows(samples).map(\.price) == user.rows.map(\.price))
                #expect(try store.localDataset(of: .text(user.key.description)) == nil)
            }
            for name in try contents("\(folder)/store") {
                let bytes = try Data(contentsOf: URL(filePath: "\(folder)/store/\(name)"))
                #expect(bytes.firstRange(of: Data("0123456789abcdef".utf8)) == nil)
            }
        }
    }

    @Test("need a key that is a file, no secret to none but its owner, and not too short", arguments: 0..<4)
    func badKeys(fault: Int) async throws {
        try await withTemporaryFolder { folder in
            let path: String
            switch fault {
            case 0: path = "\(folder)/missing"
            case 1: path = try keyFile("0123456789abcdef", mode: 0o640, in: folder)
            case 2: path = try keyFile("short", mode: 0o600, in: folder)
            default: path = folder
            }
            let before = try contents(folder)
            let error = await #expect(throws: StageError.self) {
                try await ScriptedBatches(batches: []).partition(
                    into: "\(folder)/store", settings: PartitionSettings(pseudonymKeyFile: path))
            }
            #expect(error?.code == (fault == 2 ? .usage : .environment))
            #expect(error?.position?.file == path)
            #expect(try contents(folder) == before)
        }
    }

    private func keyFile(_ key: String, mode: Int, in folder: String) throws -> String {
        let path = "\(folder)/key"
        try key.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }
}
