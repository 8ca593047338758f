import ArrowStream
import Samples
import Testing

@Suite struct ArrowStreamDecoderTests {
    @Test func aStreamCutOffAnywhereIsAnError() throws {
        let bytes = TestBatches.stream([TestBatches.fewTypes])
        for count in bytes.indices {
            let error = #expect(throws: StageError.self) { try TestBatches.decode(Array(bytes.prefix(count))) }
            #expect(error?.code == .data)
            #expect(error?.message == "the stream ends without its end-of-stream marker")
            #expect(error?.position == SourcePosition(file: "x.arrows", byteOffset: count))
            #expect(error?.advice == "the program that wrote it stopped early")
        }
    }

    @Test func bytesBehindTheMarkerAreAnError() {
        let bytes = TestBatches.stream([TestBatches.everyType])
        for tail in [[0], bytes] {
            let error = #expect(throws: StageError.self) { try TestBatches.decode(bytes + tail) }
            #expect(error?.message == "bytes follow the end-of-stream marker")
            #expect(error?.position == SourcePosition(file: "x.arrows", byteOffset: bytes.count))
        }
    }

    @Test(arguments: [
        "user,time,label\n1,2,3\n", "{\"user\":1}\n", "\u{1F}\u{8B}", "PK\u{3}\u{4}", "PAR1", "x", "\0\0\0\0",
        "\u{10}\0\0\0" + String(repeating: "x", count: 40),
    ])
    func somethingElseIsNoArrowStream(text: String) {
        let error = #expect(throws: StageError.self) { try TestBatches.decode(Array(text.utf8)) }
        #expect(error?.description == "x.arrows: error: is not an Arrow stream")
    }

    @Test func anArrowFileIsToldFromAStream() {
        let error = #expect(throws: StageError.self) { try TestBatches.decode(Array("ARROW1\0\0".utf8)) }
        #expect(error?.message == "is an Arrow file, not an Arrow stream")
    }

    @Test func nothingAtAllIsAStreamCutOff() {
        let error = #expect(throws: StageError.self) { try TestBatches.decode([]) }
        #expect(error?.message == "the stream ends without its end-of-stream marker")
    }

    @Test func theSourcesOwnErrorPassesThrough() {
        for failAt in [0, 100, 5000] {
            let bytes = TestBatches.stream([TestBatches.everyType])
            var done = 0
            let error = #expect(throws: StageError.self) {
                let decoder = try ArrowStreamDecoder(name: "x") { (buffer) throws(StageError) in
                    if done >= failAt { throw .cancelled }
                    let count = min(50, buffer.count, bytes.count - done)
                    buffer.copyBytes(from: bytes[done..<done + count])
                    done += count
                    return count
                }
                while try decoder.nextBatch() != nil {}
            }
            #expect(error == .cancelled)
        }
    }

    @Test func anErrorIsThrownAgainAndNotReadPast() throws {
        let batch = TestBatches.everyType
        let encoder = TestBatches.encoder(for: batch)
        let bytes = encoder.start() + encoder.start() + encoder.encode(batch) + encoder.end()
        let decoder = try ArrowStreamDecoder(name: "x", bytes: bytes)
        let first = #expect(throws: StageError.self) { try decoder.nextBatch() }
        let second = #expect(throws: StageError.self) { try decoder.nextBatch() }
        #expect(first == second)
    }

    @Test func aSecondSchemaIsAnErrorAtItsPlace() throws {
        let encoder = ArrowStreamEncoder(schema: ArrowSchema(fields: [ArrowField(name: "x", type: .bool)]))
        let start = encoder.start()
        let error = #expect(throws: StageError.self) { try TestBatches.decode(start + start + encoder.end()) }
        #expect(error?.message == "a second schema")
        #expect(error?.position?.byteOffset == start.count)
    }

    @Test func textThatIsNotUTF8IsAnErrorThatNamesTheColumn() {
        let bad: [[[UInt8]]] = [
            [[0xFF]], [[0xC0, 0x80]], [[0xED, 0xA0, 0x80]],
            // Whole only when taken together: each row has to be text of its own.
            [[0xC3], [0xA9]],
        ]
        for rows in bad {
            var text = TextColumn()
            for row in rows { text.append(utf8: row) }
            let error = #expect(throws: StageError.self) {
                try TestBatches.decode(TestBatches.stream(.utf8, ArrowColumn(.text(text))))
            }
            #expect(error?.message == "column `x`: it holds text that is not UTF-8")
        }
    }

    @Test func anIndexOutsideItsDictionaryIsAnErrorUnlessItsRowIsNull() throws {
        let values = ArrowColumn(.text(TextColumn(["a"])))
        func stream(_ index: Int32, isValid: Bool) -> [UInt8] {
            TestBatches.stream(
                .dictionary(index: .int8, value: .utf8),
                ArrowColumn(.dictionary(indices: [0, index], values: values), validity: [true, isValid]))
        }
        for index: Int32 in [1, -1] {
            let error = #expect(throws: StageError.self) { try TestBatches.decode(stream(index, isValid: true)) }
            #expect(error?.message == "column `x`: an index is outside its dictionary of 1 values")
            #expect(try TestBatches.decode(stream(index, isValid: false))[0].columns[0].isNull(1))
        }
    }

    @Test func offsetsThatFallOrEndOutsideAreErrors() {
        let items = ArrowColumn(.uint32([1, 2]))
        for (offsets, message): ([Int32], String) in [
            ([0, 2, 1], "column `x`: its offsets fall"), ([-1, 0, 1], "column `x`: its offsets fall"),
            ([0, 1, 3], "column `x`: its lists end at item 3 of 2"),
        ] {
            for type in [ArrowType.list(.integer(.uint32)), .largeList(.integer(.uint32))] {
                let stream = TestBatches.stream(type, ArrowColumn(.list(offsets: offsets, items: items)))
                let error = #expect(throws: StageError.self) { try TestBatches.decode(stream) }
                #expect(
                    error?.message == message
                        || error?.message == "column `x`: an offset is negative or beyond 2 GiB")
            }
        }
    }
}
