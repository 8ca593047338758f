/// Tells text from what is no log: archives in archives, cut-off archives, pictures, UTF-16.
struct TextCheck {
    /// How many of a stream's first bytes are looked at.
    static let headBytes = 4096

    /// What the bytes come from, as far as it matters for what they may be.
    enum Origin {
        /// They stand so in a file that can seek.
        case file
        /// They came so out of a pipe.
        case pipe
        /// They were decompressed or stood in an archive.
        case inner
    }

    /// Control characters that the source's delimiter is made of, such as Hive's 0x01.
    private let allowed: [UInt8]

    init(allowing delimiter: [UInt8]) {
        allowed = delimiter
    }

    /// What is wrong with a stream that starts with `head`; nil if it looks like text. Bytes above 0x7F are not looked at,
    /// so that Latin-1 passes as far as no field of it is used.
    ///
    /// - Parameter isWhole: whether the stream ends with `head`.
    func fault(in head: [UInt8], isWhole: Bool, origin: Origin) -> String? {
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            return "is UTF-16 text; only UTF-8 is read"
        }
        for kind in Self.kinds where head.starts(with: kind.magic) {
            // libarchive takes an archive for a bare stream if it does not find the part that it starts from.
            switch origin {
            case .inner: return "is \(kind.name) inside an archive or compressed stream; unpack the outer one first"
            case .pipe where kind.needsSeeking:
                return "is \(kind.name), which cannot be read from a pipe; give the file itself"
            case .file, .pipe: return "is \(kind.name) that is cut off, damaged or not supported"
            }
        }
        if isWhole, origin != .inner, let kind = Self.kinds.first(where: { $0.magic.starts(with: head) }) {
            return "is \(kind.name) that was cut off after \(head.count) bytes, or no log"
        }
        let isBinary = head.prefix(Self.headBytes).contains { byte in
            byte < 0x20 && !(0x09...0x0D).contains(byte) && byte != 0x1B && !allowed.contains(byte)
        }
        return isBinary ? "is no log: its first bytes are not text" : nil
    }

    private struct Kind {
        var name: String
        var magic: [UInt8]
        var needsSeeking = false
    }

    private static let kinds: [Kind] = [
        // A zip without the directory at its end ends up here, too.
        Kind(name: "a zip archive", magic: [0x50, 0x4B, 0x03, 0x04], needsSeeking: true),
        Kind(name: "a 7z archive", magic: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], needsSeeking: true),
        Kind(name: "a gzip stream", magic: [0x1F, 0x8B]),
        Kind(name: "a bzip2 stream", magic: Array("BZh91AY&SY".utf8)),
        Kind(name: "an xz stream", magic: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
        Kind(name: "an lzma stream", magic: [0x5D, 0x00, 0x00]),
        Kind(name: "a zstd stream", magic: [0x28, 0xB5, 0x2F, 0xFD]),
        Kind(name: "an lz4 stream", magic: [0x04, 0x22, 0x4D, 0x18]),
        Kind(name: "a compress stream", magic: [0x1F, 0x9D]),
        Kind(name: "a rar archive", magic: Array("Rar!".utf8)),
        Kind(name: "a Parquet file", magic: Array("PAR1".utf8)),
    ]
}
