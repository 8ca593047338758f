import Testing

@testable import ArrowStream

@Suite struct FlatBufferTests {
    @Test func whatIsBuiltReadsBack() throws {
        var builder = FlatBufferBuilder()
        let text = builder.string("héllo")
        let empty = builder.string("")
        let pairs = builder.vector([1, -2, 3, .min], perElement: 2)
        let child = builder.table([.bool(true), nil, .offset(text)])
        let children = builder.vector([child, child])
        let none = builder.vector([])
        let root = builder.table([
            .int8(-1), .int64(.max), .int16(.min), .uint8(255), .int32(7), .offset(pairs), .offset(children), nil,
            .offset(empty), .offset(none),
        ])
        let bytes = builder.finish(root)
        #expect(bytes.count % 8 == 0)

        let table = try FlatBufferReader(bytes).root()
        #expect(try table.integer(0, default: Int8(0)) == -1)
        #expect(try table.integer(1, default: Int64(0)) == .max)
        #expect(try table.integer(2, default: Int16(0)) == .min)
        #expect(try table.integer(3, default: UInt8(0)) == 255)
        #expect(try table.integer(4, default: Int32(0)) == 7)
        #expect(try table.int64s(5, perElement: 2) == [1, -2, 3, .min])
        let tables = try table.tables(6)
        #expect(tables.count == 2)
        #expect(try tables[1].string(2) == "héllo")
        #expect(try tables[1].bool(0))
        #expect(try table.string(8) == "")
        #expect(try table.tables(9).isEmpty)
        // Absent: left out, and beyond what the writer knew of.
        #expect(try table.string(7) == nil)
        #expect(try table.integer(40, default: Int32(9)) == 9)
    }

    @Test func scalarsStandAtMultiplesOfTheirSize() throws {
        for padding in 0..<8 {
            var builder = FlatBufferBuilder()
            _ = builder.string(String(repeating: "x", count: padding))
            let values = builder.vector([0x0123_4567_89AB_CDEF], perElement: 1)
            let bytes = builder.finish(builder.table([.int8(1), .offset(values), .int64(0x1122_3344_5566_7788)]))
            let wanted: [[UInt8]] = [
                [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01], [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
            ]
            for value in wanted {
                let places = (0...bytes.count - 8).filter { Array(bytes[$0..<$0 + 8]) == value }
                #expect(places.count == 1 && places[0] % 8 == 0)
            }
        }
    }

    @Test func noCutOrFlippedBufferIsReadOutside() throws {
        var builder = FlatBufferBuilder()
        let text = builder.string("text")
        let values = builder.vector([1, 2, 3], perElement: 1)
        let child = builder.table([.offset(text), .offset(values)])
        let children = builder.vector([child])
        let bytes = builder.finish(builder.table([.offset(children), .int64(5)]))
        func visit(_ bytes: [UInt8]) throws(FormatFault) {
            let root = try FlatBufferReader(bytes).root()
            _ = try root.integer(1, default: Int64(0))
            for child in try root.tables(0) {
                _ = try child.string(0)
                _ = try child.int64s(1)
            }
        }
        #expect(throws: Never.self) { try visit(bytes) }
        for count in bytes.indices { try? visit(Array(bytes.prefix(count))) }
        for place in bytes.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = bytes
                changed[place] = byte
                try? visit(changed)
            }
        }
        #expect(throws: FormatFault.self) { try visit([]) }
        #expect(throws: FormatFault.self) { try visit(Array(bytes.prefix(bytes.count / 2))) }
    }

    @Test func aBufferThatRefersToItselfOverAndOverIsRefused() throws {
        // A thousand tables that are all the same one, whose thousand children are again one.
        var builder = FlatBufferBuilder()
        var child = builder.table([.offset(builder.string(String(repeating: "x", count: 1000)))])
        for _ in 0..<4 {
            let children = builder.vector([FlatBufferBuilder.Offset](repeating: child, count: 1000))
            child = builder.table([.offset(children)])
        }
        let bytes = builder.finish(child)
        func visit(_ table: FlatBufferTable, depth: Int) throws(FormatFault) {
            if depth == 4 { return }
            for child in try table.tables(0) { try visit(child, depth: depth + 1) }
        }
        let error = #expect(throws: FormatFault.self) { try visit(FlatBufferReader(bytes).root(), depth: 0) }
        #expect(error?.text == "the metadata refers to the same bytes again and again")
    }
}
