import ArrowStream
import Samples
import Testing

@Suite struct ArrowStreamRoundTripTests {
    @Test func everyTypeComesBackAsItWent() throws {
        let batch = TestBatches.everyType
        #expect(try TestBatches.decode(TestBatches.stream([batch, batch])) == [batch, batch])
    }

    @Test func batchesWithoutRowsComeBack() throws {
        let full = TestBatches.everyType
        let columns = full.columns.map { column -> ArrowColumn in
            switch column.values {
            case .null: ArrowColumn(.null(0))
            case .bool: ArrowColumn(.bool([]))
            case .int8: ArrowColumn(.int8([]))
            case .int16: ArrowColumn(.int16([]))
            case .int32: ArrowColumn(.int32([]))
            case .int64: ArrowColumn(.int64([]))
            case .uint8: ArrowColumn(.uint8([]))
            case .uint16: ArrowColumn(.uint16([]))
            case .uint32: ArrowColumn(.uint32([]))
            case .uint64: ArrowColumn(.uint64([]))
            case .float32: ArrowColumn(.float32([]))
            case .float64: ArrowColumn(.float64([]))
            case .text: ArrowColumn(.text(TextColumn()))
            case .list(_, let items):
                if case .list = items.values {
                    ArrowColumn(
                        .list(offsets: [0], items: ArrowColumn(.list(offsets: [0], items: ArrowColumn(.uint32([]))))))
                } else {
                    ArrowColumn(.list(offsets: [0], items: ArrowColumn(.text(TextColumn()))))
                }
            case .dictionary(_, let values): ArrowColumn(.dictionary(indices: [], values: values))
            }
        }
        let empty = ArrowBatch(full.schema, columns: columns, count: 0)
        #expect(try TestBatches.decode(TestBatches.stream([empty, full, empty])) == [empty, full, empty])
    }

    @Test func manyRowsWithNullsComeBack() throws {
        let rows = 70_001
        var generator = SystemRandomNumberGenerator()
        let schema = ArrowSchema(fields: [
            ArrowField(name: "bits", type: .bool, isNullable: true),
            ArrowField(name: "words", type: .utf8, isNullable: true),
        ])
        let bits = ArrowColumn(
            .bool((0..<rows).map { _ in Bool.random(using: &generator) }),
            validity: (0..<rows).map { $0 == rows - 1 || Bool.random(using: &generator) == false })
        let words = ArrowColumn(
            .text(TextColumn((0..<rows).map { "€\($0)" })), validity: (0..<rows).map { $0 % 9 != 8 })
        let batch = ArrowBatch(schema, columns: [bits, words], count: rows)
        #expect(try TestBatches.decode(TestBatches.stream([batch])) == [batch])
    }

    @Test func aStreamWithoutBatchesHasItsSchema() throws {
        let encoder = TestBatches.encoder(for: TestBatches.everyType)
        let decoder = try ArrowStreamDecoder(name: "x", bytes: encoder.start() + encoder.end())
        #expect(decoder.schema == encoder.schema)
        #expect(try decoder.nextBatch() == nil)
        #expect(try decoder.nextBatch() == nil)
    }

    @Test func theSameBatchesGiveTheSameBytes() {
        let streams = (0..<20).map { _ in TestBatches.stream([TestBatches.everyType]) }
        #expect(Set(streams).count == 1)
    }

    @Test func aBatchsBytesDependOnItAlone() {
        let batch = TestBatches.everyType
        let encoder = TestBatches.encoder(for: batch)
        let bytes = encoder.encode(batch)
        #expect(TestBatches.stream([batch, batch]) == encoder.start() + bytes + bytes + encoder.end())
    }

    @Test func messagesStartAtMultiplesOf64Bytes() {
        let encoder = TestBatches.encoder(for: TestBatches.everyType)
        #expect(encoder.start().count % 64 == 0)
        #expect(encoder.encode(TestBatches.everyType).count % 64 == 0)
    }

    @Test(arguments: [1, 3, 64, 100_000]) func aSourceMayGiveAsFewBytesAsItLikes(most: Int) throws {
        let batch = TestBatches.everyType
        let bytes = TestBatches.stream([batch])
        var done = 0
        let decoder = try ArrowStreamDecoder(name: "drip") { (buffer) throws(StageError) in
            let count = min(most, buffer.count, bytes.count - done)
            buffer.copyBytes(from: bytes[done..<done + count])
            done += count
            return count
        }
        #expect(try decoder.nextBatch() == batch)
        #expect(try decoder.nextBatch() == nil)
    }
}
