import ByteStreams
import Foundation
import Testing

@testable import Pipelines

@Suite("The record of a file")
struct FileRecordTests {
    private func record(_ small: SmallRun) throws -> FileRecord {
        try FileRecord(name: "log", readFrom: small.path("log.csv"), cancellation: Cancellation())
    }

    @Test("holds the hash of its bytes")
    func hash() throws {
        let small = try SmallRun()
        // The vector of FIPS 180-4 for "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        try small.write("abc", to: "log.csv")
        #expect(try record(small).sha256 == abc)
        #expect(FileRecord(name: "log", content: Array("abc".utf8)) == FileRecord(name: "log", bytes: 3, sha256: abc))
        // More than is read at once.
        let long = [UInt8](repeating: 7, count: 3 << 20)
        try Data(long).write(to: small.url.appending(path: "log.csv"))
        #expect(try record(small).sha256 == FileRecord(name: "log", content: long).sha256)
    }

    @Test("of an old file trusts its stamp, and does not read it")
    func settled() throws {
        let small = try SmallRun()
        let recorded = try record(small)
        #expect(recorded.stamp != nil)
        // Were the file read, its hash would be another.
        var lying = recorded
        lying.sha256 = String(repeating: "0", count: 64)
        #expect(try lying.compared(with: small.path("log.csv"), cancellation: Cancellation()) == .same(lying))
        // Who writes and sets the time back cannot set back the time of that.
        try small.flipUnseen("log.csv")
        #expect(try recorded.compared(with: small.path("log.csv"), cancellation: Cancellation()) == .changed)
    }

    @Test("of a file that was just written trusts its bytes alone: another write may leave the same stamp")
    func racy() throws {
        let small = try SmallRun()
        // However slow the machine is, this time does not lie two seconds back.
        try small.age("log.csv", hours: -1)
        let recorded = try record(small)
        #expect(recorded.stamp == nil)
        #expect(try recorded.compared(with: small.path("log.csv"), cancellation: Cancellation()) == .same(recorded))
        try small.flipUnseen("log.csv")
        #expect(try recorded.compared(with: small.path("log.csv"), cancellation: Cancellation()) == .changed)
    }

    @Test("takes over the stamp of a file that was touched, and finds others out")
    func compared() throws {
        let small = try SmallRun()
        let recorded = try record(small)
        try small.age("log.csv", hours: 3)
        let touched = try recorded.compared(with: small.path("log.csv"), cancellation: Cancellation())
        guard case .same(let now) = touched else {
            Issue.record("\(touched)")
            return
        }
        #expect(now.sha256 == recorded.sha256 && now.stamp != recorded.stamp && now.stamp != nil)
        try small.append("x", to: "log.csv")
        #expect(try recorded.compared(with: small.path("log.csv"), cancellation: Cancellation()) == .changed)
        try small.remove("log.csv")
        #expect(try recorded.compared(with: small.path("log.csv"), cancellation: Cancellation()) == .missing)
        #expect(try recorded.compared(with: small.path("."), cancellation: Cancellation()) == .missing)
    }
}
