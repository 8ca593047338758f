/// Writes a FlatBuffer, children before parents. The same calls give the same bytes.
///
/// A FlatBuffer grows from its end towards its start, since offsets only point forwards. The bytes are therefore kept
/// last byte first, and turned round by `finish`.
struct FlatBufferBuilder {
    /// A finished string, vector or table: its distance from the buffer's end.
    struct Offset {
        fileprivate let fromEnd: Int
    }

    /// A field's value in a table.
    enum Value {
        case bool(Bool)
        case uint8(UInt8)
        case int8(Int8)
        case int16(Int16)
        case int32(Int32)
        case int64(Int64)
        case offset(Offset)
    }

    private var reversed: [UInt8] = []

    /// Writes a string.
    mutating func string(_ text: String) -> Offset {
        let utf8 = Array(text.utf8)
        pad(to: 4, before: utf8.count + 1 + 4)
        reversed.append(0)
        reversed.append(contentsOf: utf8.reversed())
        return prependLength(utf8.count)
    }

    /// Writes a vector of strings, vectors or tables.
    mutating func vector(_ elements: [Offset]) -> Offset {
        pad(to: 4, before: 4 * elements.count + 4)
        for element in elements.reversed() { prepend(offset: element) }
        return prependLength(elements.count)
    }

    /// Writes a vector of 64-bit integers, or of structs of `perElement` of them.
    mutating func vector(_ values: [Int64], perElement: Int) -> Offset {
        pad(to: 8, before: 8 * values.count)
        for value in values.reversed() { prepend(value) }
        return prependLength(values.count / perElement)
    }

    /// Writes a table. `fields` are numbered as in the format's schema files; nil leaves a field out.
    mutating func table(_ fields: [Value?]) -> Offset {
        let end = reversed.count
        var places: [Int?] = []
        for field in fields { places.append(field.map { prepend($0) }) }
        let vtableBytes = 4 + 2 * fields.count
        pad(to: 4, before: 4)
        prepend(Int32(vtableBytes))
        let start = reversed.count
        for place in places.reversed() { prepend(UInt16(place.map { start - $0 } ?? 0)) }
        prepend(UInt16(start - end))
        prepend(UInt16(vtableBytes))
        return Offset(fromEnd: start)
    }

    /// The whole buffer, a multiple of 8 bytes long.
    mutating func finish(_ root: Offset) -> [UInt8] {
        pad(to: 8, before: 4)
        prepend(offset: root)
        return reversed.reversed()
    }

    /// Writes a table's value and says where it stands.
    private mutating func prepend(_ value: Value) -> Int {
        switch value {
        case .bool(let value): prepend(UInt8(value ? 1 : 0))
        case .uint8(let value): prepend(value)
        case .int8(let value): prepend(value)
        case .int16(let value):
            pad(to: 2, before: 2)
            prepend(value)
        case .int32(let value):
            pad(to: 4, before: 4)
            prepend(value)
        case .int64(let value):
            pad(to: 8, before: 8)
            prepend(value)
        case .offset(let value):
            pad(to: 4, before: 4)
            prepend(offset: value)
        }
        return reversed.count
    }

    private mutating func prepend(_ value: some FixedWidthInteger) {
        var bits = value.bigEndian
        withUnsafeBytes(of: &bits) { reversed.append(contentsOf: $0) }
    }

    private mutating func prepend(offset: Offset) {
        prepend(UInt32(reversed.count + 4 - offset.fromEnd))
    }

    private mutating func prependLength(_ count: Int) -> Offset {
        prepend(UInt32(count))
        return Offset(fromEnd: reversed.count)
    }

    /// Pads so that after `count` more bytes the place is a multiple of `alignment` from the end.
    private mutating func pad(to alignment: Int, before count: Int) {
        while (reversed.count + count) % alignment != 0 { reversed.append(0) }
    }
}
