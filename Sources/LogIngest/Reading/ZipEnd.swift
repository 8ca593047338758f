import Samples

/// The end of a zip file: its end-of-central-directory record, as APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16, has it.
///
/// libarchive looks for that record, but not at whether it belongs to the file: where a zip inside a zip is stored and the
/// outer one cut off behind it, libarchive would read the inner one. And it takes in a directory of any size.
struct ZipEnd {
    private let descriptor: Int32
    private let position: SourcePosition
    /// The file's last bytes: the record with the longest comment, and what zip64 puts before it.
    private let tail: [UInt8]
    /// Place of `tail` in the file.
    private let tailStart: Int

    private static let recordBytes = 22
    private static let locatorBytes = 20
    private static let record64Bytes = 56
    private static let entryBytes = 46
    private static let mostCommentBytes = 65_535

    /// The end of an open file of `size` bytes. Leaves the place that is read next alone. Throws `environment` if it cannot
    /// be read.
    init(descriptor: Int32, size: Int, at position: SourcePosition) throws(StageError) {
        self.descriptor = descriptor
        self.position = position
        let count = min(size, Self.recordBytes + Self.mostCommentBytes + Self.locatorBytes + Self.record64Bytes)
        tailStart = size - count
        tail = try FilePart.read(descriptor, at: tailStart, count: count, of: position)
    }

    /// Throws `data` unless the file ends with a record that says of the directory exactly what is there: that it stands
    /// directly before the record, counted from the file's start; or if the directory has more than `mostEntries` entries.
    func check(mostEntries: Int) throws(StageError) {
        guard let record else {
            throw StageError(
                .data, "is a zip archive that is cut off, or one part of several", at: position,
                advice: "join the parts first if there are more")
        }
        let disk = number(at: record + 4, bytes: 2)
        // Zip64 keeps all ones here, and its locator counts the parts.
        if disk != 0 && disk != 0xFFFF || (locator(before: record).map { number(at: $0 + 16, bytes: 4) } ?? 1) > 1 {
            throw StageError(
                .data, "is the last part of a zip archive in several parts", at: position,
                advice: "join them first, as by `zip -s 0`")
        }
        guard let directory = directory(before: record) else {
            throw StageError(
                .data, "is a zip archive that is cut off, or has something before or behind it", at: position)
        }
        try walk(directory, mostEntries: mostEntries)
    }

    /// Where the end record stands in `tail`.
    private var record: Int? {
        let latest = tail.count - Self.recordBytes
        guard latest >= 0 else { return nil }
        return (max(0, latest - Self.mostCommentBytes)...latest).reversed().first { place in
            number(at: place, bytes: 4) == 0x0605_4B50
                && number(at: place + 20, bytes: 2) == UInt64(latest - place)
        }
    }

    /// Where zip64's locator stands in `tail`, if there is one.
    private func locator(before record: Int) -> Int? {
        let place = record - Self.locatorBytes
        return place >= 0 && number(at: place, bytes: 4) == 0x0706_4B50 ? place : nil
    }

    /// Where in the file the directory stands; nil if it is not where the record says.
    private func directory(before record: Int) -> Range<Int>? {
        let size = number(at: record + 12, bytes: 4)
        let start = number(at: record + 16, bytes: 4)
        // Both are of 4 bytes; their sum does not overflow 8.
        if start + size == UInt64(tailStart + record) { return Int(start)..<Int(start + size) }
        // Zip64: the directory, a record with wide numbers, and a locator that says where that record stands.
        guard let locator = locator(before: record) else { return nil }
        let record64 = locator - Self.record64Bytes
        guard record64 >= 0, number(at: locator + 8, bytes: 8) == UInt64(tailStart + record64),
            number(at: record64, bytes: 4) == 0x0606_4B50
        else { return nil }
        let size64 = number(at: record64 + 40, bytes: 8)
        let start64 = number(at: record64 + 48, bytes: 8)
        guard start64.addingReportingOverflow(size64) == (UInt64(tailStart + record64), false) else { return nil }
        return Int(start64)..<Int(start64 + size64)
    }

    /// Goes over the directory's entries, whose count the end record does not tell reliably.
    private func walk(_ directory: Range<Int>, mostEntries: Int) throws(StageError) {
        var place = directory.lowerBound
        var count = 0
        while place < directory.upperBound {
            count += 1
            if count > mostEntries { throw ArchiveReader.tooManyEntries(mostEntries, at: position) }
            let entry = try FilePart.read(descriptor, at: place, count: Self.entryBytes, of: position)
            guard entry.count == Self.entryBytes, Self.number(entry, at: 0, bytes: 4) == 0x0201_4B50 else { break }
            // Name, extra field, comment.
            place += Self.entryBytes + [28, 30, 32].reduce(0) { $0 + Int(Self.number(entry, at: $1, bytes: 2)) }
        }
        if place != directory.upperBound {
            throw StageError(.data, "is a zip archive with a damaged directory", at: position)
        }
    }

    private func number(at place: Int, bytes count: Int) -> UInt64 { Self.number(tail, at: place, bytes: count) }

    /// A little-endian number whose bytes lie in `bytes`.
    private static func number(_ bytes: [UInt8], at place: Int, bytes count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    }
}
