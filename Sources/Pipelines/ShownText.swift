#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Texts and times from a log as a person is shown them.
enum ShownText {
    private static let mostCharacters = 40

    /// The text on one line: control characters escaped, what is long cut.
    static func plain(_ text: String) -> String { escaped(text, most: mostCharacters) }

    /// The same, however long.
    static func whole(_ text: String) -> String { escaped(text, most: .max) }

    private static func escaped(_ text: String, most: Int) -> String {
        var shown = ""
        for (index, character) in text.unicodeScalars.enumerated() {
            if index == most { return shown + "…" }
            shown +=
                character.properties.generalCategory == .control ? character.escaped(asASCII: false) : String(character)
        }
        return shown
    }

    /// Milliseconds since 1970 as ISO 8601 in UTC: `2000-07-30T18:45:03Z`, with a fraction if there is one.
    static func time(_ milliseconds: Int64) -> String {
        // Whole seconds go through a floating-point number unharmed, a fraction would not.
        let fraction = (milliseconds % 1000 + 1000) % 1000
        let date = Date(timeIntervalSince1970: Double((milliseconds - fraction) / 1000))
        let text = date.formatted(Date.ISO8601FormatStyle())
        return fraction == 0 ? text : "\(text.dropLast()).\(String(1000 + fraction).dropFirst())Z"
    }

    /// `1 row`, `2 rows`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Rows of cells as lines, each column as wide as its widest cell, the last one as it is.
    static func columns(_ rows: [[String]]) -> [String] {
        let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - cell.count + 2)
                }
            }
            return line
        }
    }
}
