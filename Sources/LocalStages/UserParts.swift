import Samples

/// Where the parts of one user's rows stand in a batch. Parts follow time, so each is one range.
struct UserParts: Sendable, Hashable {
    let train: Range<Int>
    let validation: Range<Int>
    let test: Range<Int>

    /// The parts of the rows `rows`. Throws `data` if a sample stands behind one of a later part.
    init(_ rows: Range<Int>, _ parts: [Part], user: @autoclosure () -> UserKey) throws(StageError) {
        var row = rows.lowerBound
        func end(of part: Part) -> Int {
            while row < rows.upperBound && parts[row] == part { row += 1 }
            return row
        }
        train = row..<end(of: .train)
        validation = row..<end(of: .validation)
        test = row..<end(of: .test)
        guard row == rows.upperBound else {
            throw StageError(.data, "user \(user()): \(parts[row].name) samples stand after later parts")
        }
    }

    /// What is scored.
    var scored: Range<Int> { validation.lowerBound..<test.upperBound }
}
