import Samples
import Testing

@testable import LogIngest

struct LimitTests {
    @Test(arguments: ["log.csv", "log.csv.gz", "log.csv.bz2", "one.zip", "one.7z"])
    func boundsDecompressedBytes(_ name: String) throws {
        let plain = try Fixture.bytes("log.csv")
        #expect(Decoded(Fixture.path(name), limits: .init(decompressedBytes: 454)) == .text(plain))
        let error = Decoded(Fixture.path(name), limits: .init(decompressedBytes: 453)).failure
        #expect(error?.code == .refused)
        #expect(error?.message == "the file unpacks to more than 453 bytes")
        #expect(error?.advice == "raise `limits.decompressed_bytes` if it is meant to")
        #expect(error?.position?.file == Fixture.path(name))
        #expect(error?.position?.entry == (name.hasPrefix("one") ? "log.csv" : nil))
        #expect(error?.position?.byteOffset != nil)
    }

    @Test
    func countsEntriesThatAreSkipped() {
        // 454 bytes of the log and 122 of the side table, which stands behind it.
        let limits = IngestSettings.Limits(decompressedBytes: 575)
        #expect(Decoded(Fixture.path("log.7z"), entry: "logs/*", limits: limits).failure?.code == .refused)
        #expect(Decoded(Fixture.path("log.tar.gz"), entry: "logs/*", limits: limits).failure?.code == .refused)
        // Those of a zip stand each by itself, and are not unpacked.
        #expect(Decoded(Fixture.path("log.zip"), entry: "logs/*", limits: limits).failure == nil)
    }

    @Test
    func boundsTheExpansionRatio() {
        let path = Fixture.path("bomb.csv.bz2")
        let error = Decoded(path).failure
        #expect(error?.message == "the file unpacks to more than 1000 times its size")
        #expect(error?.advice == "raise `limits.expansion_ratio` if it is meant to")
        #expect((error?.position?.byteOffset ?? 0) > 64 << 20)
        #expect(Decoded(path, limits: .init(expansionRatio: 1 << 20)).failure == nil)
    }

    @Test(arguments: ["log.zip", "zip64.zip", "log.7z", "log.tar.gz"])
    func boundsEntries(_ name: String) {
        let path = Fixture.path(name)
        #expect(Decoded(path, entry: "logs/*", limits: .init(entries: 2)).failure == nil)
        let error = Decoded(path, entry: "logs/*", limits: .init(entries: 1)).failure
        #expect(error?.code == .refused)
        #expect(error?.message == "the archive has more than 1 entries")
        #expect(error?.advice == "raise `limits.entries` if it is meant to")
    }

    @Test
    func refusesLimitsOutOfRange() {
        #expect(throws: Never.self) { try IngestSettings.Limits().validate() }
        #expect(throws: StageError(.usage, "`limits.entries` must be at least 1, not 0")) {
            try IngestSettings.Limits(entries: 0).validate()
        }
        let longest = IngestSettings.Limits.mostLineBytes
        #expect(throws: Never.self) { try IngestSettings.Limits(lineBytes: longest).validate() }
        #expect(throws: StageError(.usage, "a line may be limited to at most 16 MiB, not 16777217 bytes")) {
            try IngestSettings.Limits(lineBytes: longest + 1).validate()
        }
    }
}
