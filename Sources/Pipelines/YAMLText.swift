/// Values as YAML, in the form that reads back as the same text.
enum YAMLText {
    /// A list on one line.
    static func list(_ texts: [String]) -> String {
        "[\(texts.map(scalar).joined(separator: ", "))]"
    }

    /// A scalar, plain where that is safe, else between double quotes.
    static func scalar(_ text: String) -> String {
        if isPlain(text) { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
        let scalars = text.unicodeScalars
        guard let first = scalars.first, isWordPart(first) || first == "/" || first == "." else { return false }
        return scalars.allSatisfy { isWordPart($0) || "_./+-<>= ".unicodeScalars.contains($0) } && scalars.last != " "
            && text != "null"
    }
}
