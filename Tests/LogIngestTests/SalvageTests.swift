import ByteStreams
import Samples
import Testing

@testable import LogIngest

/// What is kept of files that are damaged or cut off, where the settings ask for it.
struct SalvageTests {
    /// Rows of the fixtures' shape, far more than one chunk of them.
    private static let rowCount = 40_000
    private static let log: [UInt8] = {
        var text = "user,item,rating,time\n"
        for row in 0..<rowCount { text += "\(row % 97),\(row % 1009),\(1 + row % 5),\(1_500_000_000 + row)\n" }
        return Array(text.utf8)
    }()

    private static func settings(_ paths: [String], salvage: Bool = true) -> IngestSettings {
        var settings = IngestSettings.small(paths)
        settings.salvage = salvage
        return settings
    }

    /// The rows that an ingest keeps, and the damage that it tells.
    private static func kept(_ settings: IngestSettings, threads: Int = 1) async throws(StageError) -> (
        [Int64], [StageError]
    ) {
        let report = IngestReport()
        var times: [Int64] = []
        for try await batch in LogIngest(settings).samples(report: report, threads: threads) { times += batch.times }
        return (times, report.damages)
    }

    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] { try Stored.gzip(bytes) }

    @Test("whole rows before a cut are kept, and nothing of the row that was cut", arguments: [1, 3])
    func cutFiles(threads: Int) async throws {
        let folder = try TemporaryFolder()
        let packed = try Self.gzip(Self.log)
        let whole = try folder.file("whole.csv.gz", packed)
        for share in [0.3, 0.5, 0.99] {
            let cut = try folder.file("cut-\(share).csv.gz", packed.prefix(Int(Double(packed.count) * share)))
            let failure = await Ingested.failure(Self.settings([whole, cut, whole], salvage: false))
            #expect(failure?.code == .data && failure?.position?.file == cut)
            let (times, damages) = try await Self.kept(Self.settings([whole, cut, whole]), threads: threads)
            #expect(damages.count == 1 && damages.first?.position?.file == cut)
            let middle = times.dropFirst(Self.rowCount).dropLast(Self.rowCount)
            #expect(middle.count > Int(Double(Self.rowCount) * (share - 0.1)) && middle.count < Self.rowCount)
            #expect(middle.elementsEqual(times.prefix(middle.count)))
            #expect(times.suffix(Self.rowCount).elementsEqual(times.prefix(Self.rowCount)))
        }
    }

    @Test("a quoted field that is cut off is not taken for a row")
    func cutInQuotes() async throws {
        let folder = try TemporaryFolder()
        let text = Array("user,item,rating,time\n1,\"a,b\",5,1500000000\n2,\"c\nd\",5,1500000001\n3,\"e".utf8)
        let packed = try Self.gzip(text + Array(repeating: 0x66, count: 300))
        let cut = try folder.file("cut.csv.gz", packed.prefix(packed.count - 200))
        let (times, damages) = try await Self.kept(Self.settings([cut]))
        #expect(times == [1_500_000_000_000, 1_500_000_001_000])
        #expect(damages.count == 1)
    }

    @Test("a file that is no log is an error though others are salvaged", arguments: [1, 3])
    func notALog(threads: Int) async throws {
        let folder = try TemporaryFolder()
        let packed = try Self.gzip(Self.log)
        let cut = try folder.file("a.csv.gz", packed.prefix(packed.count / 2))
        let picture = try folder.file("b.png", [0x89, 0x50, 0x4E, 0x47, 0, 0, 0, 1, 0, 0])
        let whole = try folder.file("c.csv.gz", packed)
        await #expect(throws: StageError.self) {
            _ = try await Self.kept(Self.settings([whole, picture, cut]), threads: threads)
        }
        await #expect(throws: StageError.self) {
            _ = try await Self.kept(Self.settings([cut, picture, whole]), threads: threads)
        }
    }

    @Test("a limit is no damage")
    func limits() async throws {
        let folder = try TemporaryFolder()
        var settings = Self.settings([try folder.file("log.csv.gz", try Self.gzip(Self.log))])
        settings.limits.decompressedBytes = 600 << 10
        let failure = await Ingested.failure(settings)
        #expect(failure?.code == .refused)
    }

    @Test("a row that is bad because its file is damaged is told as damage")
    func damageBeforeRejects() async throws {
        let folder = try TemporaryFolder()
        let packed = try Self.gzip(Self.log)
        var codes: [StageError.Code] = []
        for place in stride(from: 40, to: packed.count - 8, by: packed.count / 40) {
            var flipped = packed
            flipped[place] ^= 0x10
            let path = try folder.file("flipped-\(place).csv.gz", flipped)
            let failure = try #require(await Ingested.failure(Self.settings([path], salvage: false)), "\(place)")
            codes.append(failure.code)
        }
        #expect(codes.allSatisfy { $0 == .data })
    }
}

/// Gzip without compression, so that a flipped bit changes the text and nothing but the checksum tells.
private enum Stored {
    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        var start = 0
        repeat {
            let count = min(bytes.count - start, 60_000)
            let isLast = start + count == bytes.count
            let length = UInt16(count)
            out += [
                isLast ? 1 : 0, UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8),
            ]
            out += bytes[start..<(start + count)]
            start += count
        } while start < bytes.count
        for number in [checksum(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
            out += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        return out
    }

    /// CRC-32 as gzip has it (RFC 1952, section 8), a bit at a time.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
