/// One user's key.
public enum UserKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// A 64-bit integer.
    case integer(Int64)
    /// UTF-8 text.
    case text(String)

    /// Text is equal byte by byte, as it is everywhere else: two spellings of one character are two users.
    public static func == (a: UserKey, b: UserKey) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a == b
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        default: false
        }
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let value): hasher.combine(value)
        case .text(let text):
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Integers by value before text by UTF-8 bytes.
    public static func < (a: UserKey, b: UserKey) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
        case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.integer, .text): true
        case (.text, .integer): false
        }
    }

    /// Whether it is an integer or text.
    public var kind: KeyColumn.Kind {
        switch self {
        case .integer: .integer
        case .text: .text
        }
    }

    /// The key as text.
    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .text(let value): value
        }
    }
}
