/// Puts a message together: continuation marker, length, metadata, body, each part at a multiple of 64 bytes.
enum MessageFrame {
    static let alignment = 64

    /// A whole message. `header` is the finished table of `kind` in `builder`; `body` is a multiple of 64 bytes long.
    static func bytes(
        _ builder: inout FlatBufferBuilder, kind: UInt8, header: FlatBufferBuilder.Offset, body: [UInt8],
        metadata: [String: String]
    ) -> [UInt8] {
        let keyValues = metadata.isEmpty ? nil : self.keyValues(metadata, &builder)
        let root = builder.table([
            .int16(MetadataVersion.v5), .uint8(kind), .offset(header), .int64(Int64(body.count)),
            keyValues.map { .offset($0) },
        ])
        let flatBuffer = builder.finish(root)
        let framed = padded(8 + flatBuffer.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(framed + body.count)
        bytes += [0xFF, 0xFF, 0xFF, 0xFF]
        withUnsafeBytes(of: Int32(framed - 8).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += flatBuffer
        bytes.append(contentsOf: repeatElement(0, count: framed - bytes.count))
        bytes += body
        return bytes
    }

    /// A vector of `KeyValue` tables, in the order of their keys.
    static func keyValues(
        _ pairs: [String: String], _ builder: inout FlatBufferBuilder
    ) -> FlatBufferBuilder.Offset {
        var tables: [FlatBufferBuilder.Offset] = []
        for (key, value) in pairs.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let key = builder.string(key)
            let value = builder.string(value)
            tables.append(builder.table([.offset(key), .offset(value)]))
        }
        return builder.vector(tables)
    }

    /// `count` rounded up to a multiple of 64.
    static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
