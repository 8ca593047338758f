/// Tells text from what is no log: archives in archives, cut-off archives, pictures, UTF-16.
struct TextCheck {
    /// How many of a stream's first bytes are looked at.
    static let headBytes = 4096

    /// Control characters that the source's delimiter is made of, such as Hive's 0x01.
    private let allowed: [UInt8]
    /// Whether the source is an Arrow stream, which is checked by who reads it.
    private let isArrow: Bool

    init(_ format: IngestSettings.Format) {
        allowed = format.dialect.delimiter
        isArrow = format == .arrow
    }

    /// Whether bytes may stand in text, or in an Arrow stream if the source is one. Bytes above 0x7F are not looked at, so
    /// that Latin-1 passes as far as no field of it is used.
    func isText(_ head: some Sequence<UInt8>) -> Bool {
        isArrow
            || head.allSatisfy { byte in
                byte >= 0x20 || (0x09...0x0D).contains(byte) || byte == 0x1B || allowed.contains(byte)
            }
    }

    /// What is wrong with a stream that starts with `head`; nil if it looks like text.
    ///
    /// - Parameters:
    ///   - isWhole: whether the stream ends with `head`.
    ///   - isAsStored: whether the bytes stand so in a file of their own: neither decompressed nor out of an archive.
    func fault(in head: [UInt8], isWhole: Bool, isAsStored: Bool) -> String? {
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            return "is UTF-16 text; only UTF-8 is read"
        }
        if let kind = FileKind.of(head) {
            if kind.family == .parquet {
                return "is \(kind.name), which is not read; convert it to an Arrow stream, as by DuckDB or polars"
            }
            return isAsStored
                ? "is \(kind.name) that is cut off, damaged or not supported"
                : "is \(kind.name) inside an archive or compressed stream; unpack the outer one first"
        }
        if isWhole, isAsStored, !head.isEmpty, let kind = FileKind.cutOff(after: head) {
            return "is \(kind.name) that was cut off after \(head.count) bytes, or no log"
        }
        return isText(head) ? nil : "is no log: its first bytes are not text"
    }
}
