import Foundation
import Samples
import Testing

@testable import ArrowStream

/// Streams that pyarrow and polars wrote (scripts/arrow/make_fixtures.py) against what went into them.
@Suite struct FixtureTests {
    static let names = [
        "polars", "polars-lz4", "polars-no-rows", "polars-oldest", "polars-zstd", "pyarrow-compressible-lz4",
        "pyarrow-compressible-zstd", "pyarrow-dictionary-delta", "pyarrow-dictionary-replacement",
        "pyarrow-large-slice", "pyarrow-large-types", "pyarrow-no-batches", "pyarrow-no-columns", "pyarrow-no-rows",
        "pyarrow-samples", "pyarrow-samples-groups", "pyarrow-samples-large", "pyarrow-samples-views", "pyarrow-slices",
        "pyarrow-types",
        "pyarrow-types-legacy-framing", "pyarrow-types-lz4", "pyarrow-types-v4", "pyarrow-types-zstd",
    ]

    @Test(arguments: names) func streamsOfOthersReadAsTheyWereWritten(name: String) throws {
        let decoder = try ArrowStreamDecoder(name: name, bytes: Fixture.bytes("\(name).arrows"))
        let text = ArrowTextEncoder(schema: decoder.schema, style: .jsonLines)
        var lines: [UInt8] = []
        while let batch = try decoder.nextBatch() { lines += text.encode(batch) }
        let expected = try Fixture.bytes("\(name).jsonl")
        #expect(String(decoding: lines, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    @Test func fixturesHoldWhatTheirNamesSay() throws {
        #expect(try dictionaries("pyarrow-dictionary-delta") == ["whole", "delta", "delta"])
        #expect(try dictionaries("pyarrow-dictionary-replacement") == ["whole", "whole", "whole"])
        #expect(try codecs("polars-lz4") == [.lz4Frame])
        #expect(try codecs("pyarrow-compressible-zstd") == [.zstd])
        #expect(try codecs("pyarrow-types").isEmpty)
    }

    @Test func everyFixtureIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)
        #expect(Set(files.filter { $0.hasSuffix(".arrows") }) == Set(Self.names.map { "\($0).arrows" }))
    }

    @Test func schemasOfOthersKeepTheirTypes() throws {
        let decoder = try ArrowStreamDecoder(name: "polars", bytes: Fixture.bytes("polars.arrows"))
        #expect(
            decoder.schema.fields.map { "\($0.name): \($0.type)" } == [
                "text: utf8_view", "int: int16", "float: float32", "bool: bool", "time: timestamp[ms, UTC]",
                "naive: timestamp[us]", "list: large_list<uint32>", "texts: large_list<utf8_view>",
                "category: dictionary<uint32, utf8_view>", "enum: dictionary<uint8, utf8_view>", "nothing: null",
            ])
    }

    private func messages(_ name: String) throws -> [ArrowMessage] {
        let bytes = try Fixture.bytes("\(name).arrows")
        var done = 0
        let frames = FrameReader(name: name) { (buffer) throws(StageError) in
            let count = min(buffer.count, bytes.count - done)
            buffer.copyBytes(from: bytes[done..<done + count])
            done += count
            return count
        }
        var messages: [ArrowMessage] = []
        while let metadata = try frames.nextMetadata() {
            messages.append(try ArrowMessage(metadata))
            try frames.readBody(messages[messages.count - 1].bodyLength)
        }
        return messages
    }

    private func dictionaries(_ name: String) throws -> [String] {
        try messages(name).compactMap { message in
            if case .dictionaryBatch(_, let isDelta, _) = message.header { isDelta ? "delta" : "whole" } else { nil }
        }
    }

    private func codecs(_ name: String) throws -> Set<RecordBatchHeader.Codec> {
        Set(
            try messages(name).compactMap { message in
                if case .recordBatch(let header) = message.header { header.codec } else { nil }
            })
    }

    @Test(arguments: ["binary", "date", "decimal", "list_of_duration", "map", "run_end_encoded", "struct"])
    func anotherTypeIsAnErrorThatNamesTheColumn(name: String) throws {
        let bytes = try Fixture.bytes("unsupported/\(name).arrows")
        let type = name.replacing("list_of_", with: "")
        let error = #expect(throws: StageError.self) { try ArrowStreamDecoder(name: "x.arrows", bytes: bytes) }
        #expect(error?.message == "column `x` has the type \(type), which is not read")
        #expect(error?.position == SourcePosition(file: "x.arrows", byteOffset: 0))
    }
}

/// Files that scripts/arrow/make_fixtures.py wrote.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: folder.appending(path: name)))
    }
}
