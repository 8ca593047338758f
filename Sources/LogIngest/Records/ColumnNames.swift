import Samples

/// The names of a table's columns, and help for a person who wrote one that is not there.
struct ColumnNames {
    let names: [String]

    init(_ names: [String]) {
        self.names = names
    }

    /// Place of the column called `name`, from 0. Throws `data` at `position` if there is none, or more than one.
    func index(of name: String, at position: SourcePosition) throws(StageError) -> Int {
        guard let index = names.firstIndex(of: name) else {
            throw StageError(.data, "there is no column `\(name)`", at: position, advice: advice(for: name))
        }
        guard !names[(index + 1)...].contains(name) else {
            throw StageError(.data, "two columns are called `\(name)`", at: position)
        }
        return index
    }

    /// The columns there are, and the one that was perhaps meant.
    func advice(for name: String) -> String {
        let listed = names.prefix(Self.mostListed).map { FieldText.quoted($0.utf8) }.joined(separator: ", ")
        let more = names.count > Self.mostListed ? " and \(names.count - Self.mostListed) more" : ""
        if names.count == 1, let sign = Self.delimiters.first(where: names[0].contains) {
            return "the only column is \(listed): is \(FieldText.quoted(sign.utf8)) its delimiter?"
        }
        let list = "the columns are \(listed)\(more)"
        guard let nearest = nearest(to: name) else { return list }
        return "did you mean \(FieldText.quoted(nearest.utf8))? \(list)"
    }

    /// The name that takes the fewest changes of a letter, if that is at most a third of `name`; case does not count.
    private func nearest(to name: String) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars)
        let candidates = names.prefix(1000).filter { $0.unicodeScalars.count <= 2 * wanted.count + 2 }
        let distances = candidates.map { Self.editDistance(wanted, Array($0.lowercased().unicodeScalars)) }
        guard let least = distances.min(), least <= max(1, wanted.count / 3),
            let index = distances.firstIndex(of: least)
        else { return nil }
        return candidates[index]
    }

    /// Levenshtein's distance: insertions, deletions and replacements that make `a` into `b`.
    private static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }

    private static let mostListed = 20
    /// Signs that usually stand between columns; one in the only column's name tells that another was expected.
    private static let delimiters = ["\t", ";", "|", "::", ","]
}
