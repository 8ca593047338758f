/// One protobuf message in the making, by the wire format's four rules that ONNX needs (protobuf.dev, "Encoding").
///
/// By hand, because the generated alternative (swift-protobuf, with code of thousands of lines from ONNX's schema)
/// would bring a dependency and third-party text for what is a hundred lines where a format is only written.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// Appends a number as a varint; a negative one takes ten bytes, as `int64` prescribes.
    mutating func add(_ field: Int, _ value: Int64) {
        addKey(field, wireType: 0)
        addVarint(UInt64(bitPattern: value))
    }

    /// Appends a number as a varint.
    mutating func add(_ field: Int, _ value: Int) { add(field, Int64(value)) }

    /// Appends a float as four bytes.
    mutating func add(_ field: Int, _ value: Float) {
        addKey(field, wireType: 5)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a text.
    mutating func add(_ field: Int, _ text: String) {
        addLength(field, text.utf8.count)
        bytes += text.utf8
    }

    /// Appends a message within this one.
    mutating func add(_ field: Int, _ message: ProtobufMessage) {
        addLength(field, message.bytes.count)
        bytes += message.bytes
    }

    /// Announces `count` bytes, which are to follow: a message, a text or raw data.
    mutating func addLength(_ field: Int, _ count: Int) {
        addKey(field, wireType: 2)
        addVarint(UInt64(count))
    }

    private mutating func addKey(_ field: Int, wireType: Int) {
        addVarint(UInt64(field << 3 | wireType))
    }

    private mutating func addVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
