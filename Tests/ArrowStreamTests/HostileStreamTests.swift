import Samples
import Testing

@testable import ArrowStream

/// Streams that nobody wrote by accident: none may trap, hang or take more memory than it brought bytes for.
@Suite struct HostileStreamTests {
    @Test func everyFlippedBitEndsInAnErrorOrInBatches() throws {
        let bytes = TestBatches.stream([TestBatches.fewTypes])
        var errors = 0
        for place in bytes.indices {
            for bit in 0..<8 { errors += try decodesAfterFlip(bytes, place, bit) ? 0 : 1 }
        }
        // Most bytes are padding.
        #expect(errors > bytes.count / 4)
    }

    @Test(arguments: ["polars-lz4", "pyarrow-dictionary-delta", "pyarrow-samples-views", "pyarrow-large-types"])
    func aFlippedBitInTheStreamsOfOthersEndsInAnErrorOrInBatches(name: String) throws {
        let bytes = try Fixture.bytes("\(name).arrows")
        var errors = 0
        for place in bytes.indices { errors += try decodesAfterFlip(bytes, place, place % 8) ? 0 : 1 }
        #expect(errors > 0 && errors < bytes.count)
    }

    @Test func flippedBitsOfSamplesAndPredictionsNeverTrap() throws {
        let samples = TestBatches.groupedSamples.makeEncoder()
        let predictions = TestBatches.predictions(groups: [1, 2, 3]).makeEncoder()
        let streams = [
            samples.start() + samples.encode(TestBatches.groupedSamples) + samples.end(),
            predictions.start() + predictions.encode(TestBatches.predictions(groups: [1, 2, 3])) + predictions.end(),
        ]
        for (bytes, holdsSamples) in zip(streams, [true, false]) {
            for place in stride(from: 0, to: bytes.count, by: 3) {
                var flipped = bytes
                flipped[place] ^= 1 << UInt8(place % 8)
                do throws(StageError) {
                    let decoder = try ArrowStreamDecoder(name: "x", bytes: flipped)
                    if holdsSamples {
                        let samples = try SampleStreamDecoder(decoder)
                        while try samples.nextBatch() != nil {}
                    } else {
                        let predictions = try PredictionStreamDecoder(decoder)
                        while try predictions.nextBatch() != nil {}
                    }
                } catch {
                    #expect(error.code == .data)
                }
            }
        }
    }

    @Test func aLyingLengthTakesNoMoreMemoryThanThereAreBytes() {
        // A body of 2 GiB less a byte is claimed, and eight bytes are there.
        var largest = 0
        let bytes = message(bodyLength: Int64(Int32.max), body: [UInt8](repeating: 0, count: 8))
        var done = 0
        let error = #expect(throws: StageError.self) {
            let decoder = try ArrowStreamDecoder(name: "x") { (buffer) throws(StageError) in
                largest = max(largest, buffer.count)
                let count = min(buffer.count, bytes.count - done)
                buffer.copyBytes(from: bytes[done..<done + count])
                done += count
                return count
            }
            _ = try decoder.nextBatch()
        }
        #expect(error?.message == "the stream ends without its end-of-stream marker")
        #expect(largest <= 64 << 10)
    }

    @Test(arguments: [Int64(Int32.max) + 1, .max, -1, .min]) func aBodyBeyondTheLimitIsRefused(length: Int64) throws {
        let decoder = try ArrowStreamDecoder(name: "x", bytes: message(bodyLength: length, body: []))
        let error = #expect(throws: StageError.self) { try decoder.nextBatch() }
        #expect(error?.message.hasPrefix("a message has a body of \(length) bytes") == true)
    }

    @Test(arguments: [Int32(16 << 20) + 1, .max, -2, .min]) func metadataBeyondTheLimitIsRefused(length: Int32) throws {
        let claim = withUnsafeBytes(of: length.littleEndian) { Array($0) }
        let decoder = try ArrowStreamDecoder(name: "x", bytes: schema.start() + [0xFF, 0xFF, 0xFF, 0xFF] + claim)
        let error = #expect(throws: StageError.self) { try decoder.nextBatch() }
        #expect(error?.message.hasPrefix("a message claims \(length) bytes of metadata") == true)
    }

    @Test func rowsThatNoByteStandsForAreRefused() {
        for count in [1 << 20 + 1, Int(Int32.max) - 1] {
            let bytes = TestBatches.stream(.null, ArrowColumn(.null(count)))
            let error = #expect(throws: StageError.self) { try TestBatches.decode(bytes) }
            #expect(error?.message == "a batch claims \(count) rows, more than its size explains")
        }
        let empty = ArrowBatch(ArrowSchema(fields: []), columns: [], count: Int(Int32.max) - 1)
        #expect(throws: StageError.self) { try TestBatches.decode(TestBatches.stream([empty])) }
        #expect(throws: Never.self) { try TestBatches.decode(TestBatches.stream(.null, ArrowColumn(.null(1 << 20)))) }
    }

    @Test func manyNullsBesideAColumnOfDataAreRead() throws {
        let rows = 1 << 20 + 9
        let schema = ArrowSchema(fields: [
            ArrowField(name: "nothing", type: .null, isNullable: true), ArrowField(name: "bits", type: .bool),
        ])
        let bits = ArrowColumn(.bool([Bool](repeating: true, count: rows)))
        let batch = ArrowBatch(schema, columns: [ArrowColumn(.null(rows)), bits], count: rows)
        #expect(try TestBatches.decode(TestBatches.stream([batch])) == [batch])
    }

    @Test func buffersThatOverlapOrLeaveTheBodyAreRefused() throws {
        for (buffers, text): ([Int64], String) in [
            ([0, 64, 0, 64], "the buffers of a message overlap"),
            ([0, 64, 64, 1], "a buffer lies outside its message's body"),
            ([0, -1, 0, 8], "a buffer lies outside its message's body"),
            ([.max, 8, 0, 8], "a buffer lies outside its message's body"),
            ([8, .max, 0, 8], "a buffer lies outside its message's body"),
        ] {
            let bytes = message(buffers: buffers, bodyLength: 64, body: [UInt8](repeating: 0, count: 64))
            let decoder = try ArrowStreamDecoder(name: "x", bytes: bytes)
            let error = #expect(throws: StageError.self) { try decoder.nextBatch() }
            #expect(error?.message == text)
        }
    }

    @Test(arguments: [0, 1] as [Int8]) func aCompressedBufferMayNotClaimWhatItsSizeDoesNotExplain(codec: Int8) throws {
        for length: Int64 in [(64 << 20) + 65 * 1024, Int64(Int32.max), .max, -2, 100] {
            var body = withUnsafeBytes(of: length.littleEndian) { Array($0) }
            body += [UInt8](repeating: 1, count: 56)
            let bytes = message(buffers: [0, 0, 0, 64], codec: codec, bodyLength: 64, body: body)
            let decoder = try ArrowStreamDecoder(name: "x", bytes: bytes)
            let error = #expect(throws: StageError.self) { try decoder.nextBatch() }
            #expect(error?.message.hasPrefix("column `x`: ") == true)
        }
    }

    @Test func manyViewsOfTheSameBytesMayNotStandForMoreThanTheirSizeExplains() {
        // 1,000 views of the same MiB would come to 1,000 MiB.
        let data = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        var views: [UInt64] = []
        for _ in 0..<1000 { views += [UInt64(data.count), 0] }
        var allowance = ExpansionAllowance()
        allowance.grant(bodyBytes: 1000)
        #expect(throws: FormatFault.self) {
            try TextReader.text(views: views, [BodyBuffer(data, 0..<data.count)], nil, allowance: &allowance)
        }
        #expect(throws: Never.self) {
            try TextReader.text(
                views: Array(views.prefix(40)), [BodyBuffer(data, 0..<data.count)], nil, allowance: &allowance)
        }
    }

    @Test func viewsOutsideTheirBuffersAreRefused() {
        let data = BodyBuffer([UInt8](repeating: UInt8(ascii: "a"), count: 20), 0..<20)
        func view(_ length: Int32, _ buffer: Int32, _ offset: Int32) -> [UInt64] {
            [
                UInt64(UInt32(bitPattern: length)),
                UInt64(UInt32(bitPattern: buffer)) | UInt64(UInt32(bitPattern: offset)) << 32,
            ]
        }
        for bad in [view(21, 0, 0), view(20, 0, 1), view(20, 1, 0), view(20, -1, 0), view(20, 0, -1), view(-1, 0, 0)] {
            var allowance = ExpansionAllowance()
            #expect(throws: FormatFault.self) { try TextReader.text(views: bad, [data], nil, allowance: &allowance) }
            // Nobody looks at the view of a null.
            #expect(throws: Never.self) { try TextReader.text(views: bad, [data], [false], allowance: &allowance) }
        }
    }

    /// Whether a stream still decodes once a bit is flipped; an error of another kind than bad data is thrown on.
    private func decodesAfterFlip(_ bytes: [UInt8], _ place: Int, _ bit: Int) throws(StageError) -> Bool {
        var flipped = bytes
        flipped[place] ^= 1 << UInt8(bit)
        do throws(StageError) {
            _ = try TestBatches.decode(flipped)
            return true
        } catch {
            if error.code != .data { throw error }
            return false
        }
    }

    private let schema = ArrowStreamEncoder(
        schema: ArrowSchema(fields: [ArrowField(name: "x", type: .integer(.int64), isNullable: true)]))

    /// A schema of one int64 column and one batch of a row, its metadata as told.
    private func message(
        buffers: [Int64] = [0, 0, 0, 8], codec: Int8? = nil, bodyLength: Int64, body: [UInt8]
    ) -> [UInt8] {
        var builder = FlatBufferBuilder()
        let places = builder.vector(buffers, perElement: 2)
        let nodes = builder.vector([1, 0], perElement: 2)
        let compression = codec.map { FlatBufferBuilder.Value.offset(builder.table([.int8($0), .int8(0)])) }
        let batch = builder.table([.int64(1), .offset(nodes), .offset(places), compression])
        let root = builder.table([
            .int16(MetadataVersion.v5), .uint8(MessageKind.recordBatch), .offset(batch), .int64(bodyLength),
        ])
        let metadata = builder.finish(root)
        let length = withUnsafeBytes(of: Int32(metadata.count).littleEndian) { Array($0) }
        return schema.start() + [0xFF, 0xFF, 0xFF, 0xFF] + length + metadata + body
    }
}
