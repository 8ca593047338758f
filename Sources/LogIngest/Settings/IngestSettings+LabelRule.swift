extension IngestSettings {
    /// How a row of the log gets its label, 1 or 0.
    public enum LabelRule: Sendable, Hashable {
        /// 1 where the number in `column` stands in this relation to `value`.
        case comparison(column: String, Comparison, Double)
        /// 1 where the text in `column` is one of `values`.
        case membership(column: String, [String])
        /// `column` holds the label itself, as 0 or 1.
        case zeroOne(column: String)

        /// The column that the rule looks at.
        public var column: String {
            switch self {
            case .comparison(let column, _, _), .membership(let column, _), .zeroOne(let column): column
            }
        }
    }

    /// A relation between two numbers.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        /// `>=`
        case atLeast = ">="
        /// `>`
        case above = ">"
        /// `<=`
        case atMost = "<="
        /// `<`
        case below = "<"
        /// `==`
        case equal = "=="
        /// `!=`
        case unequal = "!="

        /// Whether `number` stands in this relation to `bound`.
        @inline(__always)
        func holds(_ number: Double, _ bound: Double) -> Bool {
            switch self {
            case .atLeast: number >= bound
            case .above: number > bound
            case .atMost: number <= bound
            case .below: number < bound
            case .equal: number == bound
            case .unequal: number != bound
            }
        }
    }
}

extension IngestSettings.LabelRule: CustomStringConvertible {
    /// The rule as text that `init(parsing:)` reads back.
    public var description: String {
        switch self {
        case .comparison(let column, let comparison, let value):
            "\(Self.quoted(column)) \(comparison.rawValue) \(value)"
        case .membership(let column, let values):
            "\(Self.quoted(column)) in [\(values.map(Self.quoted).joined(separator: ", "))]"
        case .zeroOne(let column): Self.quoted(column)
        }
    }

    /// `text` as it is if it reads as one word, else between quotes, doubled inside.
    private static func quoted(_ text: String) -> String {
        if !text.isEmpty && text != "in" && text.unicodeScalars.allSatisfy(isWordPart) { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
