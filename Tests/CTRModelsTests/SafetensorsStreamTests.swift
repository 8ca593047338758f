import Synchronization
import Testing

@testable import CTRModels

@Suite struct SafetensorsStreamTests {
    private struct Failure: Error, Equatable { var text: String }

    private static let architecture = Architecture(
        kind: .deepfm, fields: [.init(name: "item", kind: .categorical, rows: 50_000)], embeddingDimension: 16,
        hiddenSizes: [300])

    @Test func `a model is written and read in pieces of bounded size`() throws {
        let model = CTRModel(architecture: Self.architecture, seed: 4)
        var (bytes, largest): ([UInt8], Int) = ([], 0)
        model.writeSafetensors {
            bytes += $0
            largest = max(largest, $0.count)
        }
        #expect(bytes == model.safetensors() && bytes.count > 3_400_000)
        #expect(largest <= 128 << 10)

        let mostRead = Atomic(0)
        let whole = bytes
        let file = try SafetensorsReader<ModelError>(byteCount: bytes.count, refuse: { $0 }) { offset, count in
            mostRead.max(count, ordering: .relaxed)
            return Array(whole[offset..<offset + count])
        }
        let read = try CTRModel(safetensors: file)
        let isSame = read.parameters == model.parameters
        #expect(isSame && mostRead.load(ordering: .relaxed) <= 128 << 10)
    }

    @Test func `a source's own error comes through, wherever it strikes`() {
        let bytes = Small.model(Small.deepfm).safetensors()
        for limit in 0..<bytes.count {
            let error = #expect(throws: Failure.self) {
                let file = try SafetensorsReader<Failure>(
                    byteCount: bytes.count, refuse: { Failure(text: $0.message) },
                    read: { offset, count throws(Failure) in
                        guard offset + count <= limit else { throw Failure(text: "the disk is gone") }
                        return Array(bytes[offset..<offset + count])
                    })
                _ = try CTRModel(safetensors: file)
            }
            #expect(error?.text == "the disk is gone")
        }
    }

    @Test func `a file that became shorter since is called truncated`() {
        let bytes = Small.model(Small.deepfm).safetensors()
        for length in 0..<bytes.count {
            let error = #expect(throws: ModelError.self) {
                let file = try SafetensorsReader<ModelError>(byteCount: bytes.count, refuse: { $0 }) { offset, count in
                    Array(bytes[min(offset, length)..<min(offset + count, length)])
                }
                _ = try CTRModel(safetensors: file)
            }
            #expect(error?.message.hasPrefix("truncated at byte") == true)
        }
    }

    @Test func `a sink's own error stops the writing`() {
        let model = CTRModel(architecture: Self.architecture, seed: 4)
        var pieces = 0
        #expect(throws: Failure(text: "disk full")) {
            try model.writeSafetensors { _ throws(Failure) in
                pieces += 1
                if pieces == 3 { throw Failure(text: "disk full") }
            }
        }
        #expect(pieces == 3)
    }

    @Test func `tensors of floats and integers, filled in uneven pieces, come back`() throws {
        let floats = (0..<100_001).map { Float($0) / 7 }
        let integers = (0..<70_001).map { Int64($0) << 33 - 5 }
        var bytes: [UInt8] = []
        var writer = SafetensorsWriter<Never>(
            metadata: ["step": "7"],
            tensors: [
                .init("none", shape: [0, 4]), .init("f", shape: [floats.count]),
                .init("empty", shape: [0], type: .int64),
                .init("i", shape: [7, 10_001, 1], type: .int64),
            ], write: { bytes += $0 })
        writer.append(floats[..<3])
        writer.append(floats[3..<90_000])
        writer.append(floats[90_000..<90_000])
        writer.append(floats[90_000...])
        writer.append(integers: integers[..<1])
        writer.append(integers: (integers[1...] + [1, 2, 3, 4, 5, 6]))
        writer.finish()
        let file = try SafetensorsFile(bytes)
        #expect(file.metadata == ["step": "7"])
        #expect(try file.floats("f") == floats && file.floats("none") == [])
        #expect(try file.integers("i").prefix(integers.count) == integers[...])
        let tensor = try #require(file.tensor("i"))
        #expect(try file.integers(of: tensor, elements: 69_999..<70_001) == Array(integers[69_999...]))
        #expect(throws: ModelError.self) { try file.integers("f") }
    }

    @Test func `every floating type is read as float32, every binary16 number exactly`() throws {
        func file(_ type: String, _ count: Int, _ data: [UInt8]) throws -> SafetensorsFile {
            let header = #"{"a":{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[0,\#(data.count)]}}"#
            let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            return try SafetensorsFile(length + Array(header.utf8) + data)
        }
        func values(_ type: String, _ count: Int, _ data: [UInt8]) throws -> [Float] {
            let file = try file(type, count, data)
            return try file.floats(of: try #require(file.tensor("a")), elements: 0..<count)
        }
        #expect(try values("BF16", 3, [0x80, 0x3f, 0x20, 0xc0, 0x00, 0x80]) == [1, -2.5, -0.0])
        #expect(
            try values("F64", 2, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf]) == [
                1.5, -0.1,
            ])
        #expect(throws: ModelError.self, "1e300 is no float32") {
            try values("F64", 1, withUnsafeBytes(of: 1e300.bitPattern.littleEndian) { Array($0) })
        }
        #expect(throws: ModelError.self, "integers are no weights") { try values("I32", 1, [1, 0, 0, 0]) }
        for bits in UInt16.min...UInt16.max {
            let (sign, exponent, fraction) = (bits >> 15, Int(bits >> 10 & 31), Float(bits & 1023))
            let value = Float(halfBits: bits)
            if exponent == 31 {
                #expect(fraction == 0 ? value.isInfinite : value.isNaN)
                continue
            }
            // The definition: IEEE 754-2008, 3.4.
            let scale = Float(sign: .plus, exponent: max(exponent, 1) - 15, significand: 1)
            let magnitude = (fraction / 1024 + (exponent == 0 ? 0 : 1)) * scale
            let isRight = value == (sign == 1 ? -magnitude : magnitude) && (value.sign == .minus) == (sign == 1)
            #expect(isRight, "\(bits)")
        }
    }
}
