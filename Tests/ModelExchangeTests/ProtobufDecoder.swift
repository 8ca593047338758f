/// A protobuf message taken apart by the wire format alone: fields in their order. Written for these tests, from the
/// format's public description, so that the writer is held against something else than itself.
struct ProtobufDecoder {
    enum Value: Equatable {
        case varint(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    struct Malformed: Error {}

    private(set) var fields: [(number: Int, value: Value)] = []

    init(_ bytes: ArraySlice<UInt8>) throws {
        var rest = bytes
        func varint() throws -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while let byte = rest.popFirst() {
                guard shift < 64 else { throw Malformed() }
                value |= UInt64(byte & 0x7f) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            throw Malformed()
        }
        while !rest.isEmpty {
            let key = try varint()
            let number = Int(key >> 3)
            switch key & 7 {
            case 0: fields.append((number, .varint(try varint())))
            case 2:
                let length = Int(try varint())
                guard length <= rest.count else { throw Malformed() }
                fields.append((number, .bytes(rest.prefix(length))))
                rest = rest.dropFirst(length)
            case 5:
                guard rest.count >= 4 else { throw Malformed() }
                fields.append((number, .fixed32(rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })))
                rest = rest.dropFirst(4)
            default: throw Malformed()
            }
        }
    }

    func bytes(_ number: Int) -> [ArraySlice<UInt8>] {
        fields.compactMap { field in
            guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
            return bytes
        }
    }

    func messages(_ number: Int) throws -> [ProtobufDecoder] { try bytes(number).map { try ProtobufDecoder($0) } }

    func message(_ number: Int) throws -> ProtobufDecoder {
        guard let message = try messages(number).first else { throw Malformed() }
        return message
    }

    func texts(_ number: Int) -> [String] { bytes(number).map { String(decoding: $0, as: UTF8.self) } }

    func text(_ number: Int) -> String { texts(number).first ?? "" }

    func integers(_ number: Int) -> [Int] {
        fields.compactMap { field in
            guard field.number == number, case .varint(let value) = field.value else { return nil }
            return Int(Int64(bitPattern: value))
        }
    }

    func integer(_ number: Int) -> Int? { integers(number).first }
}
