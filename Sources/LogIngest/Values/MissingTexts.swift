/// Texts that stand for "no value".
struct MissingTexts {
    private let texts: [[UInt8]]

    init(_ texts: [String]) {
        self.texts = texts.map { Array($0.utf8) }
    }

    /// Whether there are none.
    var isEmpty: Bool { texts.isEmpty }

    /// Whether `text` is one of them.
    @inline(__always)
    func contains(_ text: Span<UInt8>) -> Bool {
        texts.contains { text.isEqual(to: $0) }
    }
}

extension Span<UInt8> {
    /// Whether the bytes are the same.
    @inline(__always)
    func isEqual(to other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    /// Whether the bytes are UTF-8.
    var isUTF8: Bool {
        withUnsafeBufferPointer { bytes in
            bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
        }
    }
}
