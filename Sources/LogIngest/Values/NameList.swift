/// English names that differ in their first three letters, which are their short forms: months, days of the week.
struct NameList: Sendable {
    /// The first three letters, small, one a byte.
    private let keys: [UInt32]
    /// What follows them.
    private let rests: [[UInt8]]

    /// Names in small letters, three or more.
    private init(_ names: [String]) {
        let letters = names.map { Array($0.utf8) }
        keys = letters.map { Self.key($0[0], $0[1], $0[2]) }
        rests = letters.map { Array($0[3...]) }
    }

    /// A name, long or short, in any case; its place in the list. Moves `index` behind it.
    func name(in text: Span<UInt8>, from index: inout Int) -> Int? {
        guard index <= text.count - 3,
            let place = keys.firstIndex(of: Self.key(text[index], text[index + 1], text[index + 2]))
        else { return nil }
        index += 3
        let rest = rests[place]
        if rest.count <= text.count - index, rest.indices.allSatisfy({ text[index + $0] | 0x20 == rest[$0] }) {
            index += rest.count
        }
        return place
    }

    private static func key(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32 {
        // 0x20 makes a letter small, and nothing else a letter.
        (UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)) | 0x20_2020
    }

    /// From January on.
    static let months = NameList([
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ])

    /// From Sunday on.
    static let weekdays = NameList([
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ])
}
