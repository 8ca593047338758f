import ByteStreams
import Samples

/// What devices would keep, as one tar archive (POSIX ustar): an entry `KEY.safetensors` for each user who has an overlay, in
/// store order. Millions of users are one file, and any tool takes one of them out.
enum OverlayArchive {
    /// The bytes of an entry.
    static func entry(_ overlay: [UInt8], of user: UserKey) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: blockBytes)
        func put(_ text: String, at start: Int) {
            for (offset, byte) in text.utf8.enumerated() { header[start + offset] = byte }
        }
        put(name(of: user), at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(overlay.count, digits: 11), at: 124)
        // The same bytes whenever it is made.
        put(octal(0, digits: 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        header[154] = 0
        let padding = (blockBytes - overlay.count % blockBytes) % blockBytes
        return header + overlay + [UInt8](repeating: 0, count: padding)
    }

    /// What follows the last entry.
    static let end = [UInt8](repeating: 0, count: 2 * blockBytes)

    private static let blockBytes = 512
    /// The most bytes of a name, less its ending.
    private static let mostKeyBytes = 80

    /// Letters, digits, `-` and `_` of the key as they are, other bytes as `%` and two digits. A long key is cut, and ends in a
    /// hash of all of it.
    private static func name(of user: UserKey) -> String {
        let key = user.description
        var name = ""
        for byte in key.utf8 {
            switch UnicodeScalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_": name.unicodeScalars.append(UnicodeScalar(byte))
            default: name += "%" + [byte].hexadecimal
            }
        }
        if name.utf8.count > mostKeyBytes {
            name = name.prefix(mostKeyBytes - 17) + "-" + Fingerprint.of(Array(key.utf8)).prefix(16)
        }
        return name + ".safetensors"
    }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
