extension IngestSettings.LabelRule {
    /// What is wrong with a rule's text, and where.
    public struct TextFault: Error, Sendable, Hashable {
        /// The faulty character, from 1; one past the end where something is missing.
        public let column: Int
        /// What is wrong.
        public let message: String
    }

    /// A rule from text: `rating >= 4`, `behaviour in [cart, fav, buy]`, or `clicked` for a column of 0 and 1.
    ///
    /// Names and values with spaces or signs stand between quotes, `"` or `'`, doubled inside.
    public init(parsing text: String) throws(TextFault) {
        var scanner = Scanner(text)
        guard let column = try scanner.word() else {
            throw scanner.fault("a label rule starts with the name of a column, as in `rating >= 4`")
        }
        if scanner.isAtEnd {
            self = .zeroOne(column: column)
            return
        }
        if scanner.take("in") {
            self = .membership(column: column, try scanner.list())
        } else {
            let comparison = try scanner.comparison()
            self = .comparison(column: column, comparison, try scanner.number(after: comparison, of: column))
        }
        guard scanner.isAtEnd else { throw scanner.fault("the rule should end here") }
    }

    /// Whether a name or value may hold `character` without quotes.
    static func isWordPart(_ character: Unicode.Scalar) -> Bool {
        character == "_" || character == "." || character == "-" || character == "+"
            || character.properties.isAlphabetic || character.properties.numericType != nil
    }

    /// Walks over the rule's characters; white space is skipped before everything.
    private struct Scanner {
        let characters: [Unicode.Scalar]
        var position = 0

        init(_ text: String) {
            characters = Array(text.unicodeScalars)
            skipSpace()
        }

        var isAtEnd: Bool { position == characters.count }

        func fault(_ message: String, at place: Int? = nil) -> TextFault {
            TextFault(column: (place ?? position) + 1, message: message)
        }

        mutating func skipSpace() {
            while position < characters.count, characters[position].properties.isWhitespace { position += 1 }
        }

        mutating func take(_ sign: String) -> Bool {
            let wanted = Array(sign.unicodeScalars)
            guard characters[position...].starts(with: wanted) else { return false }
            let end = position + wanted.count
            if sign == "in", end < characters.count, isWordPart(characters[end]) { return false }
            position = end
            skipSpace()
            return true
        }

        mutating func word() throws(TextFault) -> String? {
            guard position < characters.count else { return nil }
            let start = position
            var word = String.UnicodeScalarView()
            if characters[position] == "\"" || characters[position] == "'" {
                let quote = characters[position]
                position += 1
                while true {
                    guard position < characters.count else {
                        throw fault("this quote is not closed", at: start)
                    }
                    if characters[position] == quote {
                        position += 1
                        guard position < characters.count, characters[position] == quote else { break }
                    }
                    word.append(characters[position])
                    position += 1
                }
            } else {
                while position < characters.count, isWordPart(characters[position]) {
                    word.append(characters[position])
                    position += 1
                }
                if position == start { return nil }
            }
            skipSpace()
            return String(word)
        }

        mutating func list() throws(TextFault) -> [String] {
            guard take("[") else { throw fault("a list between `[` and `]` is missing, as in `in [cart, fav]`") }
            var values: [String] = []
            repeat {
                guard let value = try word() else { throw fault("a value is missing") }
                values.append(value)
            } while take(",")
            guard take("]") else { throw fault("`,` or `]` is missing") }
            return values
        }

        mutating func comparison() throws(TextFault) -> IngestSettings.Comparison {
            // Two-character signs first: `>=` starts with `>`.
            for comparison in IngestSettings.Comparison.allCases.sorted(by: { $0.rawValue.count > $1.rawValue.count })
            where take(comparison.rawValue) {
                return comparison
            }
            if position < characters.count, characters[position] == "=" {
                throw fault("`=` is no comparison; write `==`")
            }
            throw fault("`>=`, `>`, `<=`, `<`, `==`, `!=` or `in` is missing")
        }

        mutating func number(
            after comparison: IngestSettings.Comparison, of column: String
        ) throws(TextFault) -> Double {
            let start = position
            guard let text = try word() else { throw fault("a number is missing after `\(comparison.rawValue)`") }
            guard let number = Double(text), number.isFinite else {
                throw fault(
                    comparison == .equal
                        ? "`\(text)` is no number; for text write `\(column) in [\(text)]`" : "`\(text)` is no number",
                    at: start)
            }
            return number
        }
    }
}
