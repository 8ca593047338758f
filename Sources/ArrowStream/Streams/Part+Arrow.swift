import Samples

extension Part {
    /// The type of a column of parts.
    static let arrowType = ArrowType.dictionary(index: .int8, value: .utf8)
    /// The names of all parts, in the order of their raw values.
    static let arrowNames = ArrowColumn(.text(TextColumn(allCases.map(\.name))))

    /// Parts as a dictionary column.
    static func arrowColumn(_ parts: [Part]) -> ArrowColumn {
        ArrowColumn(.dictionary(indices: parts.map { Int32($0.rawValue) }, values: arrowNames))
    }

    /// The part called `name`.
    init?(name: some Sequence<UInt8>) {
        guard let part = Self.allCases.first(where: { $0.name.utf8.elementsEqual(name) }) else { return nil }
        self = part
    }
}
