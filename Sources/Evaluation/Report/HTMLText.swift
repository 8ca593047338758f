/// Pieces of HTML and SVG. What comes from outside is escaped, so that a name can be no markup.
enum HTMLText {
    /// Text between tags or in an attribute's quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case _ where character.properties.generalCategory == .control: result += "\u{fffd}"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A table that the page's script sorts by the column that is clicked; cells are HTML.
    ///
    /// - Parameters:
    ///   - caption: what it is, for those who cannot see it.
    ///   - textColumns: how many columns from the first on hold words; the others hold numbers.
    static func table(_ caption: String, _ header: [String], _ rows: [[String]], textColumns: Int = 1) -> String {
        var html = "<div class=\"wide\"><table><caption>\(escaped(caption))</caption><thead><tr>"
        for (column, title) in header.enumerated() {
            let kind = column < textColumns ? " class=\"text\"" : ""
            html += "<th scope=\"col\"\(kind)><button type=\"button\">\(escaped(title))</button></th>"
        }
        html += "</tr></thead><tbody>"
        for row in rows {
            html += "<tr>"
            for (column, cell) in row.enumerated() {
                let kind = column < textColumns ? " class=\"text\"" : ""
                html += column == 0 ? "<th scope=\"row\"\(kind)>\(cell)</th>" : "<td\(kind)>\(cell)</td>"
            }
            html += "</tr>"
        }
        return html + "</tbody></table></div>\n"
    }
}
