import ByteStreams
import Samples
import Testing

@testable import LogIngest

/// Every format and filter: the same bytes come out, and no damage passes that the format lets us see.
@Suite(.timeLimit(.minutes(10)))
struct FormatTests {
    /// A fixture that holds `log.csv`, and nothing else.
    struct Format: Sendable, CustomTestStringConvertible {
        var name: String
        /// Why some cuts cannot be seen; nil if all are.
        var unseenCuts: String?
        /// Whether a cut that leaves so many of the fixture's bytes may pass.
        var mayPass: @Sendable (_ count: Int, _ whole: [UInt8]) -> Bool = { _, _ in false }
        /// Why flipped bits may pass; nil if the format has a checksum over the data.
        var unseenFlips: String?

        var testDescription: String { name }
    }

    static let formats = [
        Format(
            name: "log.csv", unseenCuts: "text has no end mark", mayPass: { _, _ in true }, unseenFlips: "no checksum"),
        Format(name: "log.csv.gz"),
        Format(name: "members.csv.gz", unseenCuts: "whole after its first member") { count, whole in
            whole[count...].starts(with: [0x1F, 0x8B, 0x08])
        },
        Format(name: "log.csv.bz2"),
        Format(name: "log.csv.xz"),
        Format(name: "log.csv.lzma", unseenFlips: "no checksum"),
        Format(name: "log.csv.lz"),
        Format(name: "log.csv.zst"),
        Format(name: "unchecked.csv.zst", unseenFlips: "written without the checksum"),
        Format(name: "log.csv.lz4"),
        Format(name: "unchecked.csv.lz4", unseenFlips: "written without the checksum"),
        Format(
            name: "log.csv.Z", unseenCuts: "no end mark", mayPass: { _, _ in true }, unseenFlips: "no checksum"),
        Format(
            name: "log.tar", unseenCuts: "starts with its entry's name, which is text; one block of zeros is enough",
            mayPass: { count, whole in count <= "log.csv".utf8.count || count >= whole.count - 512 },
            unseenFlips: "no checksum over data"),
        Format(name: "one.tar.gz"),
        Format(name: "one.tar.bz2"),
        Format(name: "one.tar.xz"),
        Format(name: "one.tar.lzma", unseenFlips: "no checksum"),
        Format(name: "one.tar.lz"),
        Format(name: "one.tar.zst"),
        Format(name: "one.tar.lz4"),
        Format(
            name: "one.tar.Z", unseenCuts: "no end mark, but the tar's; starts with its entry's name",
            mayPass: { count, whole in count < 16 || count > whole.count - 32 },
            unseenFlips: "no checksum"),
        Format(name: "one.zip"),
        Format(name: "zip64.zip"),
        Format(name: "one.7z"),
    ]

    /// Whether `text` is where the log starts; or, of a tar cut off in its first header, what that starts with.
    private static func isRight(_ text: [UInt8], _ plain: [UInt8]) -> Bool {
        plain.starts(with: text) || "log.csv".utf8.starts(with: text)
    }

    private static func entry(of name: String) -> String? { name == "zip64.zip" ? "logs/log.csv" : nil }

    @Test(arguments: formats)
    func givesTheSameBytes(_ format: Format) throws {
        let plain = try Fixture.bytes("log.csv")
        for pieceBytes in [1, 7, 1 << 16] {
            let decoded = Decoded(
                Fixture.path(format.name), entry: Self.entry(of: format.name), pieceBytes: pieceBytes)
            #expect(decoded == .text(plain))
        }
    }

    @Test(arguments: formats)
    func noticesThatAFileIsCutOff(_ format: Format) throws {
        let plain = try Fixture.bytes("log.csv")
        let whole = try Fixture.bytes(format.name)
        let file = try DamagedFile(whole)
        let cancellation = Cancellation()
        for count in 0..<whole.count {
            try file.cut(to: count)
            switch Decoded(file.path, entry: Self.entry(of: format.name), cancellation: cancellation) {
            case .text(let text):
                #expect(format.unseenCuts != nil && format.mayPass(count, whole), "cut off after \(count) bytes")
                #expect(Self.isRight(text, plain), "cut off after \(count) bytes")
            case .failure(let text, let error):
                #expect(error.code == .data || error.code == .refused, "cut off after \(count) bytes")
                #expect(error.position?.file == file.path)
                #expect(Self.isRight(text, plain), "cut off after \(count) bytes")
            }
        }
    }

    @Test(arguments: formats)
    func noticesAFlippedBit(_ format: Format) throws {
        let plain = try Fixture.bytes("log.csv")
        let whole = try Fixture.bytes(format.name)
        let file = try DamagedFile(whole)
        let cancellation = Cancellation()
        for bit in 0..<(whole.count * 8) {
            try file.flip(bit)
            switch Decoded(file.path, entry: Self.entry(of: format.name), cancellation: cancellation) {
            case .text(let text):
                #expect(text == plain || format.unseenFlips != nil, "bit \(bit % 8) of byte \(bit / 8)")
            case .failure(_, let error):
                // A flipped bit may also say that an entry is encrypted.
                #expect(error.code == .data || error.code == .refused, "bit \(bit % 8) of byte \(bit / 8): \(error)")
            }
        }
    }

    /// A log that was cut off behind a whole stream, filled up with zeros, or put behind another.
    @Test(arguments: formats.map(\.name).filter { !["log.csv", "log.csv.Z", "one.tar.Z"].contains($0) })
    func noticesWhatFollowsTheEnd(_ name: String) throws {
        let folder = try TemporaryFolder()
        let whole = try Fixture.bytes(name)
        for tail: [UInt8] in [[0], [1], Array("user,item\n".utf8), Array(repeating: 0, count: 600)] {
            let isZeros = tail.allSatisfy { $0 == 0 }
            // A tar's end is padded with zeros, xz streams with four or a multiple.
            if isZeros && name == "log.tar" || isZeros && tail.count % 4 == 0 && name.hasSuffix(".xz") { continue }
            let path = try folder.file("log", whole + tail)
            let error = Decoded(path, entry: Self.entry(of: name)).failure
            #expect(error?.code == .data, "\(tail.count) bytes from \(tail[0]) on")
        }
    }

    @Test(arguments: ["log.tar", "one.tar.gz", "one.tar.zst"])
    func noticesATarBehindATar(_ name: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("log", try Fixture.bytes(name) + Fixture.bytes(name))
        #expect(Decoded(path).failure?.message == "something follows the end of the tar archive")
    }
}
