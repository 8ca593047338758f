/// Kinds of files and streams that are known by their first bytes.
struct FileKind: Hashable {
    /// What does the reading, or would.
    enum Family {
        /// Gzip streams, read by `GzipInflater`.
        case gzip
        /// Streams that libarchive's filters decompress.
        case filter
        /// Archives whose directory stands at their end.
        case zip, sevenZip
        case tar
        /// Not read, but can be converted.
        case parquet
        /// Known only by name.
        case unsupported
    }

    /// With its article, as messages say it.
    let name: String
    let family: Family
    private let magic: [UInt8]
    /// Where `magic` stands.
    private var place = 0

    init(_ name: String, _ family: Family, magic: [UInt8], place: Int = 0) {
        self.name = name
        self.family = family
        self.magic = magic
        self.place = place
    }

    /// The kind of what starts with `head`; nil if it is none of them.
    static func of(_ head: some RandomAccessCollection<UInt8>) -> FileKind? {
        all.first { head.dropFirst($0.place).starts(with: $0.magic) }
    }

    /// The kind whose first bytes were cut off after all of `head`; nil if there is none.
    static func cutOff(after head: some RandomAccessCollection<UInt8>) -> FileKind? {
        all.first { $0.place == 0 && $0.magic.starts(with: head) }
    }

    private static let all =
        [
            // A zip's first entry, the end of an empty one, the mark of one in several parts.
            FileKind("a zip archive", .zip, magic: [0x50, 0x4B, 0x03, 0x04]),
            FileKind("a zip archive", .zip, magic: [0x50, 0x4B, 0x05, 0x06]),
            FileKind("a zip archive", .zip, magic: [0x50, 0x4B, 0x07, 0x08]),
            FileKind("a 7z archive", .sevenZip, magic: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
            FileKind("a gzip stream", .gzip, magic: [0x1F, 0x8B]),
            FileKind("an xz stream", .filter, magic: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
            FileKind("an lzma stream", .filter, magic: [0x5D, 0x00, 0x00]),
            FileKind("an lzip stream", .filter, magic: Array("LZIP".utf8) + [0x01]),
            FileKind("a zstd stream", .filter, magic: [0x28, 0xB5, 0x2F, 0xFD]),
            FileKind("an lz4 stream", .filter, magic: [0x04, 0x22, 0x4D, 0x18]),
            FileKind("a compress stream", .filter, magic: [0x1F, 0x9D]),
            FileKind("a rar archive", .unsupported, magic: Array("Rar!".utf8) + [0x1A, 0x07]),
            FileKind("a Parquet file", .parquet, magic: Array("PAR1".utf8) + [0x15]),
            FileKind("a tar archive", .tar, magic: Array("ustar".utf8), place: 257),
        ]
        + (1...9).map { level in
            FileKind("a bzip2 stream", .filter, magic: Array("BZh\(level)1AY&SY".utf8))
        }
}
