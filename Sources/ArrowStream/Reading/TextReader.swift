import Samples

/// Makes text columns of Arrow's offsets or views, and sees to it that every row is UTF-8.
enum TextReader {
    /// Rows by offsets into `data`; the offsets are known to be rising.
    static func text(_ offsets: [Int32], _ data: BodyBuffer) throws(FormatFault) -> TextColumn {
        let (first, last) = (Int(offsets.first ?? 0), Int(offsets.last ?? 0))
        guard last <= data.count else { throw FormatFault("its text ends at byte \(last) of \(data.count)") }
        let bytes = Array(data.slice.dropFirst(first).prefix(last - first))
        return try checked(first == 0 ? offsets : offsets.map { $0 - offsets[0] }, bytes)
    }

    /// Rows by views, each two words: length and, if longer than 12 bytes, number and offset of a buffer.
    static func text(
        views: [UInt64], _ buffers: [BodyBuffer], _ validity: [Bool]?, allowance: inout ExpansionAllowance
    ) throws(FormatFault) -> TextColumn {
        let count = views.count / 2
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(count + 1)
        var total = 0
        for row in 0..<count {
            if validity?[row] ?? true {
                let length = Int32(truncatingIfNeeded: views[2 * row])
                guard length >= 0, total + Int(length) <= Int(Int32.max) else {
                    throw FormatFault("its views have a length below 0 or come to more than 2 GiB")
                }
                total += Int(length)
            }
            offsets.append(Int32(total))
        }
        // Many views may show the same bytes; here each row gets its own.
        try allowance.spend(total)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(total)
        for row in 0..<count where offsets[row + 1] > offsets[row] {
            let length = Int(offsets[row + 1] - offsets[row])
            let (head, tail) = (views[2 * row], views[2 * row + 1])
            if length <= 12 {
                for place in 4..<4 + length {
                    let word = place < 8 ? head : tail
                    bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(place % 8))))
                }
            } else {
                let index = Int(Int32(truncatingIfNeeded: tail))
                let start = Int(Int32(truncatingIfNeeded: tail >> 32))
                guard buffers.indices.contains(index), start >= 0, start + length <= buffers[index].count else {
                    throw FormatFault("a view points outside its buffers")
                }
                bytes.append(contentsOf: buffers[index].slice.dropFirst(start).prefix(length))
            }
        }
        return try checked(offsets, bytes)
    }

    /// The whole is UTF-8 and no row starts within a character, so each row is UTF-8.
    private static func checked(_ offsets: [Int32], _ bytes: [UInt8]) throws(FormatFault) -> TextColumn {
        if bytes.allSatisfy({ $0 < 0x80 }) { return TextColumn(offsets: offsets, bytes: bytes) }
        let startsWhole = offsets.allSatisfy { Int($0) == bytes.count || bytes[Int($0)] & 0xC0 != 0x80 }
        guard startsWhole, String(validating: bytes, as: UTF8.self) != nil else {
            throw FormatFault("it holds text that is not UTF-8")
        }
        return TextColumn(offsets: offsets, bytes: bytes)
    }
}
