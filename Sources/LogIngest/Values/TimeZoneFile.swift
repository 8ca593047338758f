/// A time zone's file in the format TZif, as the system's time zone data has it (RFC 8536).
struct TimeZoneFile: Sendable {
    /// A moment at which clocks were changed.
    struct Change: Sendable {
        /// Seconds since 1970-01-01 UTC.
        var time: Int64
        /// Seconds east of Greenwich from then on.
        var offset: Int
    }

    /// The offset before all changes.
    let firstOffset: Int
    /// Ascending.
    let changes: [Change]
    /// The rule for all times after the last change, if the file has one.
    let footer: PosixTimeZone?

    /// Nil if `bytes` are not such a file, damaged, or count leap seconds, which the times of logs do not.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard var header = reader.header() else { return nil }
        var timeSize = 4
        if header.version >= UInt8(ascii: "2") {
            // The same data once more, with times of 64 bits, follow those of 32.
            guard reader.skip(header.byteCount(timeSize: 4)), let second = reader.header() else { return nil }
            header = second
            timeSize = 8
        }
        let start = reader.index
        guard header.leapCount == 0, header.typeCount > 0, reader.skip(header.byteCount(timeSize: timeSize)) else {
            return nil
        }
        // From here on all of the data block is known to be there.
        let types = start + header.timeCount * (timeSize + 1)
        var offsets: [Int] = []
        for type in 0..<header.typeCount {
            let offset = reader.integer(at: types + type * 6, size: 4)
            // RFC 8536, 3.2: more than -25 hours, less than 26.
            guard offset > -90_000 && offset < 93_600 else { return nil }
            offsets.append(Int(offset))
        }
        var changes: [Change] = []
        for index in 0..<header.timeCount {
            let time = reader.integer(at: start + index * timeSize, size: timeSize)
            let type = Int(bytes[start + header.timeCount * timeSize + index])
            guard type < offsets.count, Self.times.contains(time) else { return nil }
            if let last = changes.last, last.time >= time { return nil }
            changes.append(Change(time: time, offset: offsets[type]))
        }
        firstOffset = offsets[0]
        self.changes = changes
        guard timeSize == 8 else {
            footer = nil
            return
        }
        guard let text = reader.line() else { return nil }
        if text.isEmpty {
            footer = nil
        } else {
            guard let zone = PosixTimeZone(text) else { return nil }
            footer = zone
        }
    }

    /// RFC 8536, 3.2: no earlier than -2^59. An offset can be added to all of them.
    private static let times: ClosedRange<Int64> = -(1 << 59)...(1 << 59)

    private struct Header {
        var version: UInt8
        var utCount: Int
        var standardCount: Int
        var leapCount: Int
        var timeCount: Int
        var typeCount: Int
        var characterCount: Int

        /// Of the data block that follows.
        func byteCount(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + characterCount + leapCount * (timeSize + 4) + standardCount
                + utCount
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        mutating func header() -> Header? {
            guard bytes.count - index >= 44, bytes[index..<(index + 4)].elementsEqual("TZif".utf8) else { return nil }
            let start = index
            index += 44
            // Counts have 32 bits, so that no sum of theirs overflows.
            func count(_ place: Int) -> Int {
                Int(UInt32(truncatingIfNeeded: integer(at: start + 20 + place * 4, size: 4)))
            }
            return Header(
                version: bytes[start + 4], utCount: count(0), standardCount: count(1), leapCount: count(2),
                timeCount: count(3), typeCount: count(4), characterCount: count(5))
        }

        /// Moves on; false if there are fewer bytes.
        mutating func skip(_ count: Int) -> Bool {
            guard count <= bytes.count - index else { return false }
            index += count
            return true
        }

        /// A signed number of 4 or 8 bytes, which must be there.
        func integer(at place: Int, size: Int) -> Int64 {
            var bits: UInt64 = 0
            for byte in bytes[place..<(place + size)] { bits = bits << 8 | UInt64(byte) }
            return size == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
        }

        /// What stands between this line break and the next.
        mutating func line() -> ArraySlice<UInt8>? {
            guard index < bytes.count, bytes[index] == 0x0A,
                let end = bytes[(index + 1)...].firstIndex(of: 0x0A)
            else { return nil }
            return bytes[(index + 1)..<end]
        }
    }
}
