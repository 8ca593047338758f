import CTRModels
import Testing

@testable import FineTuning

@Suite struct HostileOverlayTests {
    static let cloud = CTRModel(
        architecture: Architecture(
            kind: .fm, fields: [.init(name: "item", kind: .categorical, rows: 9)], embeddingDimension: 2), seed: 3)
    static let samples = ModelInput(count: 4, columns: [.categorical([2, 5, 2, 7])])

    static func overlay() throws -> Overlay {
        var tuner = LocalTuner(cloud: cloud, schedule: LocalSchedule())
        tuner.begin(samples)
        try tuner.tune(on: 0..<4, LocalTargets(labels: [1, 0, 1, 0]), seed: 1)
        return Overlay(of: tuner)
    }

    /// The file of an overlay whose tensors are these.
    static func file(
        version: String = "1", _ tensors: [(SafetensorsWriter<Never>.Declaration, [Float])]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        withoutActuallyEscaping({ bytes += $0 }) { (write: @escaping ([UInt8]) -> Void) in
            var writer = SafetensorsWriter<Never>(
                metadata: ["plumb.overlay": version, "plumb.cloud": String(cloud.checksum, radix: 16)],
                tensors: tensors.map(\.0), write: write)
            for (declaration, values) in tensors {
                if declaration.type == .int64 {
                    writer.append(integers: values.map { Int64($0) }[...])
                } else {
                    writer.append(values[...])
                }
            }
            writer.finish()
        }
        return bytes
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        let error = #expect(throws: FineTuningError.self) { try Overlay(safetensors: bytes, cloud: Self.cloud) }
        #expect(error?.code == .damagedOverlay)
        return error?.description
    }

    @Test func `bytes cut short anywhere are refused`() throws {
        let bytes = try Self.overlay().safetensors()
        for length in bytes.indices { _ = refusal(Array(bytes[..<length])) }
        _ = refusal(bytes + [0])
    }

    @Test func `no flipped bit traps, in reading or in use`() throws {
        let bytes = try Self.overlay().safetensors()
        var tuner = LocalTuner(cloud: Self.cloud, schedule: LocalSchedule())
        var readable = 0
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                do {
                    let overlay = try Overlay(safetensors: damaged, cloud: Self.cloud)
                    readable += 1
                    try tuner.begin(Self.samples, with: overlay)
                    _ = try tuner.logits(0..<4)
                } catch {
                    #expect([.damagedOverlay, .otherModel, .diverged].contains(error.code))
                }
            }
        }
        // Those in the weights.
        #expect(readable > 100)
    }

    @Test func `sizes that are not there are refused before memory is taken`() {
        for shape in ["[4611686018427387904]", "[1099511627776]", "[-1]", "[2,9223372036854775807]"] {
            let header =
                #"{"__metadata__":{"plumb.overlay":"1","plumb.cloud":"\#(String(Self.cloud.checksum, radix: 16))"},"#
                + #""fields.item.ids":{"dtype":"I64","shape":\#(shape),"data_offsets":[0,8]}}"#
            var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            bytes += header.utf8
            bytes += [UInt8](repeating: 0, count: 8)
            _ = refusal(bytes)
        }
        _ = refusal([UInt8](repeating: 0xFF, count: 64))
        _ = refusal([])
    }

    @Test func `tensors must fit the model`() throws {
        typealias Tensor = SafetensorsWriter<Never>.Declaration
        let ids = { (values: [Float]) in (Tensor("fields.item.ids", shape: [values.count], type: .int64), values) }
        let rows = { (count: Int) in
            [
                (Tensor("fields.item.embedding", shape: [count, 2]), [Float](repeating: 1, count: 2 * count)),
                (Tensor("fields.item.weight", shape: [count, 1]), [Float](repeating: 1, count: count)),
            ]
        }
        let good = try Overlay(safetensors: Self.file([ids([2, 8])] + rows(2)), cloud: Self.cloud)
        #expect(good.rowCount == 2)
        for bad: [Float] in [[0, 2], [2, 2], [5, 2], [2, 9], [-1, 2], [2, 0x1p40]] {
            #expect(
                refusal(Self.file([ids(bad)] + rows(2)))
                    == "tensor 'fields.item.ids' must hold rising ids from 1 to 8", "\(bad)")
        }
        #expect(
            refusal(Self.file([ids([2, 8])] + rows(3)))
                == "tensor 'fields.item.embedding' has shape [3, 2]; the model needs [2, 2]")
        #expect(refusal(Self.file([ids([2])])) == "tensor 'fields.item.embedding' is missing")
        #expect(refusal(Self.file(rows(2))) == "tensor 'fields.item.embedding' has no place in the model")
        #expect(
            refusal(Self.file([(Tensor("fields.item.ids", shape: [1]), [2])] + rows(1)))
                == "tensor 'fields.item.ids' is of type F32, not I64")
        #expect(
            refusal(Self.file([(Tensor("bias", shape: [1, 1]), [2])]))
                == "tensor 'bias' has shape [1, 1]; the model needs [1]")
        #expect(refusal(Self.file([(Tensor("bias", shape: [1]), [.nan])]))?.contains("not finite") == true)
        #expect(refusal(Self.file([(Tensor("mlp.0.bias", shape: [1]), [2])]))?.contains("no place") == true)
        #expect(
            refusal(Self.file(version: "2", []))
                == "format version '2' is not known; this library reads 1")
        #expect(refusal(Self.cloud.safetensors())?.contains("neither what version") == true)
    }
}
