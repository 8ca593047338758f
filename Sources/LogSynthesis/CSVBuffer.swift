/// Rows of numbers as text, in room made once.
struct CSVBuffer {
    private var bytes: [UInt8]
    private(set) var count = 0

    /// Room for `capacity` bytes; to go beyond it is a trap.
    init(capacity: Int) {
        bytes = [UInt8](repeating: 0, count: capacity)
    }

    /// What was written.
    consuming func text() -> [UInt8] {
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    mutating func append(_ text: String) {
        for byte in text.utf8 { append(byte) }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count &+= 1
    }

    /// A number of at least 0 and the byte behind it.
    @inline(__always)
    mutating func append(_ number: Int, then separator: UInt8) {
        var digits = 1
        var power = 10
        // The numbers of a row have at most 12 digits, so the power cannot overflow.
        while number >= power {
            digits &+= 1
            power &*= 10
        }
        appendPadded(number, digits: digits)
        append(separator)
    }

    /// The last `digits` digits of a number of at least 0.
    @inline(__always)
    mutating func appendPadded(_ number: Int, digits: Int) {
        var rest = UInt64(truncatingIfNeeded: number)
        var place = count &+ digits
        while place > count {
            place &-= 1
            bytes[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count &+= digits
    }
}
