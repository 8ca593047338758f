/// Values as YAML, in the form that reads back as the same text.
enum YAMLText {
    /// A list on one line.
    static func list(_ texts: [String]) -> String {
        "[\(texts.map(scalar).joined(separator: ", "))]"
    }

    /// A scalar, plain where that is safe, else between double quotes.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : "\"\(escaped(text))\""
    }

    /// Text on one line, as it stands between double quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            default:
                if isShown(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                }
            }
        }
        return result
    }

    /// Whether a scalar may stand as it is: YAML forbids control characters, and takes some others for line breaks or for a
    /// byte-order mark.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: false
        default: true
        }
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
