import ByteStreams
import Samples
import Testing

@testable import LogIngest

/// Each inflate library by itself, whichever one the build prefers.
struct GzipInflaterTests {
    /// Inflates the file at `path`, read in blocks of `blockBytes` and given out in pieces of `pieceBytes`.
    static func inflate(
        _ path: String, by library: GzipInflater.Library, blockBytes: Int = 1 << 16, pieceBytes: Int = 1 << 16
    ) -> Decoded {
        var text: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        do throws(StageError) {
            let input = InputBlocks(try InputFile(path: path, cancellation: Cancellation()), blockBytes: blockBytes)
            let inflater = try GzipInflater(input, library: library)
            while true {
                let count = try inflater.read(into: buffer)
                if count == 0 { return .text(text) }
                text.append(contentsOf: buffer[..<count])
            }
        } catch {
            return .failure(text, error)
        }
    }

    @Test(arguments: GzipInflater.Library.allCases, ["log.csv.gz", "members.csv.gz"])
    func givesTheSameBytesHoweverTheFileIsRead(_ library: GzipInflater.Library, _ name: String) throws {
        let plain = try Fixture.bytes("log.csv")
        for blockBytes in 1...40 {
            for pieceBytes in [1, 2, 3, 100, 1 << 16] {
                let decoded = Self.inflate(
                    Fixture.path(name), by: library, blockBytes: blockBytes, pieceBytes: pieceBytes)
                #expect(decoded == .text(plain), "blocks of \(blockBytes), pieces of \(pieceBytes) bytes")
            }
        }
    }

    @Test(arguments: GzipInflater.Library.allCases)
    func noticesEveryCutAndFlip(_ library: GzipInflater.Library) throws {
        let plain = try Fixture.bytes("log.csv")
        let whole = try Fixture.bytes("log.csv.gz")
        let file = try DamagedFile(whole)
        for blockBytes in [3, 1 << 16] {
            for bit in 0..<(whole.count * 8) {
                try file.flip(bit)
                let decoded = Self.inflate(file.path, by: library, blockBytes: blockBytes)
                // Time, system and the like stand in the header under no checksum, and matter to nobody.
                #expect(decoded == .text(plain) || decoded.failure?.code == .data, "bit \(bit)")
            }
            for count in 0..<whole.count {
                try file.cut(to: count)
                let decoded = Self.inflate(file.path, by: library, blockBytes: blockBytes)
                #expect(decoded.failure?.code == .data, "cut off after \(count) bytes")
            }
        }
    }

    /// Each library is the other's oracle.
    @Test
    func librariesAgreeOnDamagedData() throws {
        let plain = try Fixture.bytes("log.csv")
        let whole = try Fixture.bytes("log.csv.gz")
        let folder = try TemporaryFolder()
        var random: UInt64 = 7
        for round in 0..<1500 {
            var changed = whole
            for _ in 0..<(1 + round % 4) {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // Not the header: zlib refuses some flags that mean nothing yet, ISA-L does not look at them.
                changed[10 + Int(random >> 33) % (whole.count - 10)] = UInt8(truncatingIfNeeded: random >> 56)
            }
            let path = try folder.file("log\(round)", changed)
            let results = GzipInflater.Library.allCases.map {
                Self.inflate(path, by: $0, blockBytes: 1 + round % 24)
            }
            for result in results {
                #expect((result.failure == nil) == (results[0].failure == nil), "round \(round)")
                #expect(result == .text(plain) || result.failure?.code == .data, "round \(round)")
            }
        }
    }

    @Test(arguments: GzipInflater.Library.allCases)
    func readsHeadersWithEverythingInThem(_ library: GzipInflater.Library) throws {
        let whole = try Fixture.bytes("log.csv.gz")
        // FHCRC, FEXTRA, FNAME, FCOMMENT (RFC 1952, 2.3.1); the CRC-16 is the lower half of the header's CRC-32.
        var header: [UInt8] = [0x1F, 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3]
        header += Array("log.csv\0a comment\0".utf8)
        let checksum = Self.crc32(header)
        let folder = try TemporaryFolder()
        for flip: UInt8 in [0, 1] {
            let tail = [UInt8(checksum & 0xFF) ^ flip, UInt8(checksum >> 8 & 0xFF)]
            let path = try folder.file("log", header + tail + whole[10...])
            for blockBytes in [1, 5, 1 << 16] {
                let decoded = Self.inflate(path, by: library, blockBytes: blockBytes)
                if flip == 0 {
                    #expect(decoded == .text(try Fixture.bytes("log.csv")))
                } else {
                    #expect(decoded.failure?.code == .data)
                }
            }
        }
    }

    @Test(arguments: GzipInflater.Library.allCases)
    func saysHowFarTheBytesAreRight(_ library: GzipInflater.Library) throws {
        let folder = try TemporaryFolder()
        let whole = try Fixture.bytes("log.csv.gz")
        let cases: [([UInt8], String)] = [
            (whole.dropLast(1), "the gzip data is cut off"),
            (whole + [0, 0], "something that is no gzip data follows the last gzip member"),
            (whole + [0x1F, 0x8C] + whole[2...], "the gzip data is damaged"),
            (whole.dropLast(1) + [0x7F], "the gzip data is damaged"),
        ]
        for (bytes, message) in cases {
            let path = try folder.file("log", bytes)
            guard case .failure(let text, let error) = Self.inflate(path, by: library) else {
                Issue.record("no failure")
                continue
            }
            #expect(text == (try Fixture.bytes("log.csv")))
            #expect(error.message.hasPrefix(message), "\(error)")
            #expect(error.position == SourcePosition(file: path, byteOffset: 454))
        }
    }

    /// CRC-32 bit by bit (RFC 1952, 8).
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}
