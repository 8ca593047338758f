/// One table of a FlatBuffer. Fields are numbered as in the format's schema files; an absent one gives its default.
struct FlatBufferTable {
    private let reader: FlatBufferReader
    private let position: Int
    private let bytes: Int
    private let vtable: Int
    private let vtableBytes: Int

    /// A table whose extent and vtable `reader` has checked.
    init(reader: FlatBufferReader, position: Int, bytes: Int, vtable: Int, vtableBytes: Int) {
        self.reader = reader
        self.position = position
        self.bytes = bytes
        self.vtable = vtable
        self.vtableBytes = vtableBytes
    }

    /// A scalar field.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ field: Int, default absent: Value
    ) throws(FormatFault) -> Value {
        guard let place = try place(of: field, size: MemoryLayout<Value>.size) else { return absent }
        return try reader.integer(at: place)
    }

    /// A boolean field, false by default.
    func bool(_ field: Int) throws(FormatFault) -> Bool {
        try integer(field, default: UInt8(0)) != 0
    }

    /// A string field.
    func string(_ field: Int) throws(FormatFault) -> String? {
        guard let place = try place(of: field, size: 4) else { return nil }
        return try reader.string(at: reader.target(ofOffsetAt: place))
    }

    /// A field that is a table.
    func table(_ field: Int) throws(FormatFault) -> FlatBufferTable? {
        guard let place = try place(of: field, size: 4) else { return nil }
        return try reader.table(at: reader.target(ofOffsetAt: place))
    }

    /// A field that is a vector of tables; empty if absent.
    func tables(_ field: Int) throws(FormatFault) -> [FlatBufferTable] {
        let elements = try vector(field, stride: 4)
        var tables: [FlatBufferTable] = []
        for index in 0..<elements.count {
            tables.append(try reader.table(at: reader.target(ofOffsetAt: elements.start + 4 * index)))
        }
        return tables
    }

    /// A field that is a vector of 64-bit integers, or of structs of `perElement` of them; empty if absent.
    func int64s(_ field: Int, perElement: Int = 1) throws(FormatFault) -> [Int64] {
        let elements = try vector(field, stride: 8 * perElement)
        var values: [Int64] = []
        for index in 0..<elements.count * perElement {
            values.append(try reader.integer(at: elements.start + 8 * index))
        }
        return values
    }

    /// Where a field's value stands; nil if it is absent.
    private func place(of field: Int, size: Int) throws(FormatFault) -> Int? {
        let slot = 4 + 2 * field
        guard slot + 2 <= vtableBytes else { return nil }
        let distance: UInt16 = try reader.integer(at: vtable + slot)
        if distance == 0 { return nil }
        guard distance >= 4, Int(distance) + size <= bytes else { throw FlatBufferReader.damaged }
        return position + Int(distance)
    }

    private func vector(_ field: Int, stride: Int) throws(FormatFault) -> (start: Int, count: Int) {
        guard let place = try place(of: field, size: 4) else { return (0, 0) }
        return try reader.vector(at: reader.target(ofOffsetAt: place), stride: stride)
    }
}
