import OrderedJSON

/// A line of the fixture `csv.jsonl`.
enum PythonCSV {
    /// A CSV text and the rows that Python reads in it.
    static func parse(_ line: Substring) throws -> (text: String, rows: [[String]]) {
        let document = JSONNode(try JSONValue(String(line)))
        let rows = try document.member("rows").elements().map { row in
            try row.elements().map { try $0.string() }
        }
        return (try document.member("text").string(), rows)
    }
}
