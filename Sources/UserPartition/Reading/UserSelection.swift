public import Samples

/// Some of a store's users, to work on them alone.
public struct UserSelection: Sendable, Hashable {
    /// Users by key; nil for all.
    private var keys: Set<UserKey>?
    /// The share of users, in millionths; nil for all.
    private var millionths: Int?

    /// All users.
    public init() {}

    /// The users with these keys.
    public init(keys: some Sequence<UserKey>) {
        self.keys = Set(keys)
    }

    /// A share of the users, in millionths, 1...1,000,000: by a hash of the key, so that it is the same ones every time, a
    /// larger share holds a smaller one, and it is independent of buckets and of who is held out.
    public init(millionths: Int) {
        precondition((1...1_000_000).contains(millionths))
        self.millionths = millionths
    }

    /// Those users of this selection who are also in another.
    public func intersection(_ other: UserSelection) -> UserSelection {
        var both = self
        if let keys = other.keys { both.keys = both.keys.map { $0.intersection(keys) } ?? keys }
        if let share = other.millionths { both.millionths = min(both.millionths ?? share, share) }
        return both
    }

    /// Reads one key a line; blank lines are passed over, a final carriage return is none of the key. Throws `data` with the
    /// line for what is no key of the kind.
    public init(lines text: [UInt8], kind: KeyColumn.Kind, file: String) throws(StageError) {
        var keys: Set<UserKey> = []
        var start = text.startIndex
        var number = 0
        while start < text.endIndex {
            let end = text[start...].firstIndex(of: 0x0A) ?? text.endIndex
            let line = end > start && text[end - 1] == 0x0D ? text[start..<end - 1] : text[start..<end]
            start = end + 1
            number += 1
            if line.isEmpty { continue }
            let position = SourcePosition(file: file, line: number)
            guard let key = String(validating: line, as: UTF8.self) else {
                throw StageError(.data, "the user's key is not UTF-8 text", at: position)
            }
            switch kind {
            case .text: keys.insert(.text(key))
            case .integer:
                guard let integer = Int64(key) else {
                    throw StageError(.data, "`\(key)` is no key of this store, whose users are integers", at: position)
                }
                keys.insert(.integer(integer))
            }
        }
        guard !keys.isEmpty else { throw StageError(.data, "names no user", at: SourcePosition(file: file)) }
        self.keys = keys
    }

    /// The same for equal selections, and only for them.
    var canonicalText: String {
        var lines = [
            "share \(millionths.map(String.init) ?? "all")", "keys \(keys.map { String($0.count) } ?? "all")",
        ]
        for key in (keys ?? []).sorted() {
            let text = key.description
            lines.append("\(key.kind.rawValue) \(text.utf8.count):\(text)")
        }
        return lines.joined(separator: "\n")
    }

    /// Whether a row's user is one of them.
    func contains(_ row: Int, of users: KeyColumn) -> Bool {
        if let millionths,
            UserHash.slice(UserHash.choice(UserHash.hash(row, of: users), salt: Self.salt), of: 1_000_000) >= millionths
        {
            return false
        }
        return keys?.contains(users[row]) ?? true
    }

    /// Tells this choice from that of held-out users, whose salts are seeds.
    private static let salt: UInt64 = 0x7361_6d70_6c65_0001
}
