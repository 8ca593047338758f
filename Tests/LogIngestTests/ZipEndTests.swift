import Samples
import Testing

@testable import LogIngest

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct ZipEndTests {
    static func isWhole(_ bytes: [UInt8], mostEntries: Int = 10) throws -> Bool {
        let folder = try TemporaryFolder()
        let descriptor = open(try folder.file("file.zip", bytes), O_RDONLY)
        defer { close(descriptor) }
        let end = try ZipEnd(descriptor: descriptor, size: bytes.count, at: SourcePosition(file: "file.zip"))
        do throws(StageError) {
            try end.check(mostEntries: mostEntries)
            return true
        } catch {
            #expect(error.code == .data)
            return false
        }
    }

    @Test(arguments: ["log.zip", "names.zip", "zip64.zip", "comment.zip", "stored.zip"])
    func takesAWholeZipAndNoPartOfIt(_ name: String) throws {
        let whole = try Fixture.bytes(name)
        #expect(try Self.isWhole(whole) == true)
        for count in 0..<whole.count {
            #expect(try Self.isWhole(Array(whole[..<count])) == false, "cut off after \(count) bytes")
        }
        #expect(try Self.isWhole(whole + [0]) == false)
        #expect(try Self.isWhole([0] + whole) == false)
    }

    @Test
    func refusesAZipWhoseEndIsThatOfAStoredZipInside() async throws {
        // Cut off directly behind the inner zip, which is whole.
        let whole = try Fixture.bytes("stored.zip")
        let inner = try Fixture.bytes("log.zip")
        let start = try #require((0..<whole.count).first { whole[$0...].starts(with: inner) })
        let folder = try TemporaryFolder()
        let path = try folder.file("cut.zip", whole[..<(start + inner.count)])
        let failure = await Ingested.failure(.small([path], entry: "logs/log.csv"))
        #expect(failure?.code == .data)
        #expect(failure?.message.contains("cut off") == true)
    }
}
