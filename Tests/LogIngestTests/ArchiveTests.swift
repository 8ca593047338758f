import ByteStreams
import Samples
import Testing

@testable import LogIngest

struct ArchiveTests {
    static let bareStreams = [
        "log.csv.gz", "log.csv.bz2", "log.csv.xz", "log.csv.lzma", "log.csv.lz", "log.csv.zst", "log.csv.lz4",
        "log.csv.Z", "members.csv.gz", "log.tar",
    ]
    static let archives = ["log.zip", "zip64.zip", "comment.zip", "log.7z", "log.tar.gz", "log.tar.zst"]

    @Test(arguments: bareStreams)
    func readsEveryFilterAsThePlainLog(_ name: String) async throws {
        let plain = try await Ingested(.small([Fixture.path("log.csv")]))
        #expect(plain.rows.count == 24)
        let other = try await Ingested(.small([Fixture.path(name)]))
        #expect(other.rows == plain.rows)
        #expect(other.report.progress.compressedBytesRead == other.report.progress.compressedBytesTotal)
        #expect(other.report.progress.decompressedBytes == 454)
    }

    @Test(arguments: archives, ["logs/log.csv", "*/log.csv", "logs/l?g.*"])
    func readsEntriesOfEveryFormatAsThePlainLog(_ name: String, _ entry: String) async throws {
        let plain = try await Ingested(.small([Fixture.path("log.csv")]))
        let other = try await Ingested(.small([Fixture.path(name)], entry: entry))
        #expect(other.rows == plain.rows)
    }

    @Test(arguments: ["names.zip", "names.tar"])
    func findsEntriesWhoseNamesAreNotASCII(_ name: String) async throws {
        let other = try await Ingested(.small([Fixture.path(name)], entry: "журнал/log.csv"))
        #expect(other.rows.count == 24)
        let failure = await Ingested.failure(.small([Fixture.path(name)], entry: "x"))
        #expect(failure?.advice == "its entries are `журнал/log.csv`")
    }

    @Test(arguments: archives)
    func listsTheEntriesWhereNoneMatches(_ name: String) async {
        let failure = await Ingested.failure(.small([Fixture.path(name)], entry: "*.csv"))
        #expect(failure?.code == .refused)
        #expect(failure?.position == SourcePosition(file: Fixture.path(name)))
        #expect(failure?.message == "no entry of the archive matches `*.csv`")
        #expect(failure?.advice == "its entries are `logs/log.csv`, `tables/items.csv`")
    }

    @Test(arguments: archives)
    func asksWhichEntryWhereThereAreSeveral(_ name: String) async {
        let failure = await Ingested.failure(.small([Fixture.path(name)]))
        #expect(failure?.message.contains("holds 2 files") == true)
        #expect(failure?.advice == "its entries are `logs/log.csv`, `tables/items.csv`")
    }

    @Test(arguments: ["encrypted.zip", "encrypted.7z"])
    func saysThatAnEntryIsEncrypted(_ name: String) async {
        let failure = await Ingested.failure(
            .small([Fixture.path(name)], entry: name == "encrypted.zip" ? nil : "logs/log.csv"))
        #expect(failure?.code == .refused)
        #expect(failure?.message.contains("encrypted") == true)
    }

    @Test
    func refusesAnEntryOfWhatIsNoArchive() async {
        let failure = await Ingested.failure(.small([Fixture.path("log.csv.gz")], entry: "log.csv"))
        #expect(failure?.message == "is no archive, but the settings name its entry `log.csv`")
    }

    @Test
    func refusesWhatIsNoText() async throws {
        let folder = try TemporaryFolder()
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D]
        let cases: [(String, [UInt8], String)] = [
            ("empty", [], "is empty"),
            ("picture.png", png, "is no log"),
            ("nul.csv", Array("user,item,rating,time\n1,2,3,4\n\0\0".utf8), "is no log"),
            ("utf16.csv", [0xFF, 0xFE, 0x75, 0, 0x2C, 0], "UTF-16"),
            ("data.parquet", Array("PAR1".utf8) + [0x15, 0x04, 0x15, 0x00], "convert it to an Arrow stream"),
        ]
        for (name, bytes, message) in cases {
            let path = try folder.file(name, bytes)
            let failure = await Ingested.failure(.small([path]))
            #expect(failure?.code == .data)
            #expect(failure?.message.contains(message) == true, "\(name): \(String(describing: failure))")
            #expect(failure?.position == SourcePosition(file: path))
        }
    }

    @Test(arguments: ["log.zip", "comment.zip", "stored.zip", "log.7z", "log.tar.gz", "log.tar.zst"])
    func refusesAnArchiveOfSeveralEntriesCutOffAnywhere(_ name: String) throws {
        let whole = try Fixture.bytes(name)
        let file = try DamagedFile(whole)
        for count in 0..<whole.count {
            try file.cut(to: count)
            let failure = Decoded(file.path, entry: name == "stored.zip" ? "more.csv" : "logs/log.csv").failure
            let isRight = failure?.code == .data || failure?.code == .refused
            #expect(isRight, "cut off after \(count) of \(whole.count) bytes")
            #expect(failure?.position?.file == file.path)
        }
    }

    @Test
    func refusesOnePartOfSeveral() throws {
        let folder = try TemporaryFolder()
        let zip = try Fixture.bytes("log.zip")
        let sevenZip = try Fixture.bytes("log.7z")
        let cases: [(String, [UInt8], String)] = [
            ("log.zip", try Fixture.bytes("part.zip"), "is the last part of a zip archive in several parts"),
            ("log.z01", [0x50, 0x4B, 0x07, 0x08] + zip[..<200], "or one part of several"),
            ("log.zip.001", Array(zip[..<200]), "or one part of several"),
            ("log.7z.001", Array(sevenZip[..<200]), "or the first part of one in several parts"),
            ("log.tar", try Fixture.bytes("volume.tar"), "is a later part of a tar archive in several parts"),
        ]
        for (name, bytes, message) in cases {
            let failure = Decoded(try folder.file(name, bytes)).failure
            #expect(failure?.code == .data)
            #expect(failure?.message.contains(message) == true, "\(name): \(String(describing: failure))")
        }
        #expect(Decoded(try folder.file("log.7z.002", sevenZip[200...])).failure?.code == .data)
        #expect(Decoded(try folder.file("log.zip.002", zip[200...])).failure?.code == .data)
    }

    @Test(arguments: [
        ("nested.zip", "is a zip archive inside"), ("nested.tar.gz", "is a gzip stream inside"),
        ("twice.csv.gz", "is a gzip stream inside"), ("twice.csv.bz2", "is a compressed stream inside"),
    ])
    func refusesWhatIsPackedTwice(_ name: String, _ message: String) {
        let failure = Decoded(Fixture.path(name)).failure
        #expect(failure?.code == .data || failure?.code == .refused)
        #expect(failure?.message.contains(message) == true, "\(String(describing: failure))")
        #expect(failure?.message.hasSuffix("unpack the outer one first") == true)
        #expect(failure?.position?.entry == (name.hasPrefix("nested") ? "log.csv" : nil))
    }

    @Test
    func goesOnWithTheNextFileAfterOneWasAbandoned() throws {
        let folder = try TemporaryFolder()
        let cut = try folder.file("cut.csv.gz", Fixture.bytes("log.csv.gz").dropLast(20))
        let source = SourceBytes(
            .init(name: "log", paths: [cut, Fixture.path("log.csv.gz")]), limits: .init(),
            cancellation: Cancellation(), report: IngestReport())
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        #expect(try source.nextStream()?.file == cut)
        let count = try source.read(into: buffer)
        #expect(count > 0)
        #expect {
            while try source.read(into: buffer) > 0 {}
        } throws: { error in
            (error as? StageError)?.position == SourcePosition(file: cut, byteOffset: count)
        }
        source.abandonFile()
        #expect(try source.nextStream()?.file == Fixture.path("log.csv.gz"))
        #expect(try source.read(into: buffer) == 454)
        #expect(try source.read(into: buffer) == 0)
        #expect(try source.nextStream() == nil)
    }

    @Test
    func namesEntryAndOffsetOfDamagedData() async throws {
        let folder = try TemporaryFolder()
        var bytes = try Fixture.bytes("log.csv.bz2")
        bytes[60] ^= 0x10
        let path = try folder.file("log.csv.bz2", bytes)
        let failure = await Ingested.failure(.small([path]))
        #expect(failure?.code == .data)
        #expect(failure?.position == SourcePosition(file: path, byteOffset: 0))
        #expect(failure?.message.contains("the data is damaged or cut off") == true)

        var zip = try Fixture.bytes("log.zip")
        zip[80] ^= 0x10
        let zipPath = try folder.file("log.zip", zip)
        let zipFailure = await Ingested.failure(.small([zipPath], entry: "logs/*"))
        #expect(zipFailure?.code == .data)
        #expect(zipFailure?.position?.entry == "logs/log.csv")
        #expect(zipFailure?.position?.byteOffset != nil)
    }
}
