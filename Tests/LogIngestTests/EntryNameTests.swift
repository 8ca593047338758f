import ByteStreams
import Samples
import Testing

@testable import LogIngest

#if os(Linux)
import Glibc

/// Names that end within a character, read where an earlier call of the thread left `ENOMEM` behind: libarchive takes that
/// for its own and ends the process. So each test runs in one of its own.
@Suite(.timeLimit(.minutes(10)))
struct EntryNameTests {
    /// `log.cs` and the first byte of a longer character.
    private static let name = Array("log.cs".utf8) + [0xF6]

    /// A process that reads its first archive looks for files that are not there, which is what `errno` then says.
    private static let aFirstArchive = Decoded(Fixture.path("names.zip"))

    /// What reading gives with `ENOMEM` from before.
    private static func decoded(_ path: String) -> Decoded {
        _ = aFirstArchive
        errno = ENOMEM
        return Decoded(path)
    }

    @Test
    func aZipIsRead() async {
        await #expect(processExitsWith: .success) {
            let whole = try Fixture.bytes("one.zip")
            var zip = whole
            // In the entry's header and in the directory.
            for place in whole.indices where whole[place...].starts(with: Array("log.csv".utf8)) {
                zip.replaceSubrange(place..<(place + Self.name.count), with: Self.name)
            }
            let folder = try TemporaryFolder()
            #expect(Self.decoded(try folder.file("log.zip", zip)) == .text(try Fixture.bytes("log.csv")))
        }
    }

    @Test
    func aTarIsRead() async {
        await #expect(processExitsWith: .success) {
            let plain = try Fixture.bytes("log.csv")
            let folder = try TemporaryFolder()
            let path = try folder.file("log.tar", TarFile.bytes(path: Self.name, plain))
            #expect(Self.decoded(path) == .text(plain))
        }
    }

    /// Every bit: lengths of names, too, and what makes a name another one's.
    @Test
    func anArchiveWithAFlippedBitIsReadOrRefused() async {
        await #expect(processExitsWith: .success) {
            for name in ["one.zip", "zip64.zip", "names.zip", "log.tar", "names.tar", "one.7z"] {
                let whole = try Fixture.bytes(name)
                let file = try DamagedFile(whole)
                for bit in 0..<(whole.count * 8) {
                    try file.flip(bit)
                    guard let error = Self.decoded(file.path).failure else { continue }
                    #expect(
                        error.code == .data || error.code == .refused,
                        "bit \(bit % 8) of byte \(bit / 8) of \(name): \(error)")
                }
            }
        }
    }
}
#endif
