/// A FlatBuffer from a source that is not trusted: each offset, length and vtable is checked before use.
///
/// Offsets may point anywhere, also many to one place, so a small buffer can stand for endless work. What is visited is
/// therefore counted, and the visit ends with an error once it comes to more than four times the buffer's own bytes.
final class FlatBufferReader {
    private let bytes: [UInt8]
    private var bytesLeftToVisit: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        bytesLeftToVisit = 4 * bytes.count + 4096
    }

    /// The table that the buffer starts with.
    func root() throws(FormatFault) -> FlatBufferTable {
        try table(at: target(ofOffsetAt: 0))
    }

    /// The integer at `position`.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(at position: Int) throws(FormatFault) -> Value {
        guard position >= 0, position <= bytes.count - MemoryLayout<Value>.size else { throw Self.damaged }
        return Value(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Value.self) })
    }

    /// Where the unsigned offset at `position` points.
    func target(ofOffsetAt position: Int) throws(FormatFault) -> Int {
        let distance: UInt32 = try integer(at: position)
        let target = position + Int(distance)
        guard distance > 0, target < bytes.count else { throw Self.damaged }
        return target
    }

    /// The table at `position`.
    func table(at position: Int) throws(FormatFault) -> FlatBufferTable {
        let distance: Int32 = try integer(at: position)
        let vtable = position - Int(distance)
        let vtableBytes: UInt16 = try integer(at: vtable)
        let tableBytes: UInt16 = try integer(at: vtable + 2)
        guard vtableBytes >= 4, vtable <= bytes.count - Int(vtableBytes) else { throw Self.damaged }
        guard tableBytes >= 4, position <= bytes.count - Int(tableBytes) else { throw Self.damaged }
        try visit(Int(vtableBytes) + Int(tableBytes))
        return FlatBufferTable(
            reader: self, position: position, bytes: Int(tableBytes), vtable: vtable, vtableBytes: Int(vtableBytes))
    }

    /// The string at `position`.
    func string(at position: Int) throws(FormatFault) -> String {
        let elements = try vector(at: position, stride: 1)
        guard let string = String(validating: bytes[elements.start..<elements.start + elements.count], as: UTF8.self)
        else { throw FormatFault("the metadata holds text that is not UTF-8") }
        return string
    }

    /// Where the elements of the vector at `position` start and how many there are, each of `stride` bytes.
    func vector(at position: Int, stride: Int) throws(FormatFault) -> (start: Int, count: Int) {
        let count: UInt32 = try integer(at: position)
        let start = position + 4
        guard Int(count) <= (bytes.count - start) / stride else { throw Self.damaged }
        try visit(4 + Int(count) * stride)
        return (start, Int(count))
    }

    private func visit(_ count: Int) throws(FormatFault) {
        bytesLeftToVisit -= count
        if bytesLeftToVisit < 0 { throw FormatFault("the metadata refers to the same bytes again and again") }
    }

    static let damaged = FormatFault("the metadata is damaged: an offset points outside it")
}
