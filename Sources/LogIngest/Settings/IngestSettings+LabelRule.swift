extension IngestSettings {
    /// How the samples of a row of the log get their label, 1 or 0.
    public enum LabelRule: Sendable, Hashable {
        /// 1 where the number in `column` stands in this relation to `value`.
        case comparison(column: String, Comparison, Double)
        /// 1 where the text in `column` is one of `values`.
        case membership(column: String, [String])
        /// `column` holds the label itself, as 0 or 1.
        case zeroOne(column: String)
        /// The row lists its items, each with its label: a sample for each.
        case pairs(ImpressionList)
        /// 1 where a second log holds a click.
        case clicks(ClickLog)

        /// The log's columns that the rule looks at.
        public var columns: [String] {
            switch self {
            case .comparison(let column, _, _), .membership(let column, _), .zeroOne(let column): [column]
            case .pairs(let list): [list.column]
            case .clicks(let clicks): clicks.on
            }
        }

        /// The one column whose text is a row's label; nil where rows list impressions or another log holds the clicks.
        public var ownColumn: String? {
            switch self {
            case .comparison(let column, _, _), .membership(let column, _), .zeroOne(let column): column
            case .pairs, .clicks: nil
            }
        }

        /// The list of a row's items; nil if each row is one sample.
        public var list: ImpressionList? {
            if case .pairs(let list) = self { list } else { nil }
        }

        /// The log of the clicks; nil if the log itself holds the labels.
        public var clickLog: ClickLog? {
            if case .clicks(let clicks) = self { clicks } else { nil }
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
    /// The rule as text; `init(parsing:)` reads back those of one column and one label a row.
    public var description: String {
        switch self {
        case .comparison(let column, let comparison, let value):
            "\(Self.quoted(column)) \(comparison.rawValue) \(value)"
        case .membership(let column, let values):
            "\(Self.quoted(column)) in [\(values.map(Self.quoted).joined(separator: ", "))]"
        case .zeroOne(let column): Self.quoted(column)
        case .pairs(let list): "impressions in \(Self.quoted(list.column))"
        case .clicks(let clicks): "clicks in \(Self.quoted(clicks.source))"
        }
    }

    /// `text` as it is if it reads as one word, else between quotes, doubled inside.
    private static func quoted(_ text: String) -> String {
        if !text.isEmpty && text != "in" && text.unicodeScalars.allSatisfy(isWordPart) { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
