import CTRModels

/// One user's samples, the oldest first, as `plumb inspect STORE --user KEY` writes them: CSV with a column `label`, and one a
/// field of the model: an id, a number, or a list of ids in brackets. An app has its own way to keep them.
struct UserLog {
    private let input: ModelInput
    private let labels: [Float]

    /// Reads a log for a model of these fields.
    init(csv: [UInt8], fields: [Architecture.Field]) throws(ExampleError) {
        guard let text = String(validating: csv, as: UTF8.self) else { throw ExampleError("the log is not UTF-8") }
        let rows = text.split(separator: "\n").map { Self.cells($0) }
        labels = try Self.numbers(Self.column("label", of: rows))
        var columns: [ModelInput.Column] = []
        for field in fields {
            let cells = try Self.column(field.name, of: rows)
            switch field.kind {
            case .categorical: columns.append(.categorical(try Self.numbers(cells)))
            case .dense: columns.append(.dense(try Self.numbers(cells)))
            case .multivalued, .history:
                let lists = cells.map { $0.dropFirst().dropLast().split(separator: ",").map { String($0) } }
                var offsets: [Int32] = [0]
                for list in lists { offsets.append(offsets[offsets.count - 1] + Int32(list.count)) }
                columns.append(.multivalued(offsets: offsets, ids: try Self.numbers(lists.flatMap { $0 })))
            }
        }
        input = ModelInput(count: labels.count, columns: columns)
    }

    /// Number of samples.
    var count: Int { labels.count }

    /// Some of the samples, and their labels.
    func samples(_ rows: Range<Int>) -> (input: ModelInput, labels: [Float]) {
        let columns = input.columns.map { column -> ModelInput.Column in
            switch column {
            case .categorical(let ids): .categorical(Array(ids[rows]))
            case .dense(let values): .dense(Array(values[rows]))
            case .multivalued(let offsets, let ids):
                .multivalued(
                    offsets: offsets[rows.lowerBound...rows.upperBound].map { $0 - offsets[rows.lowerBound] },
                    ids: Array(ids[Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])]))
            }
        }
        return (ModelInput(count: rows.count, columns: columns), Array(labels[rows]))
    }

    /// The cells below a name of the first row.
    private static func column(_ name: String, of rows: [[String]]) throws(ExampleError) -> [String] {
        guard let names = rows.first, let place = names.firstIndex(of: name) else {
            throw ExampleError("the log has no column '\(name)'")
        }
        guard rows.allSatisfy({ $0.count == names.count }) else { throw ExampleError("a line has too few cells") }
        return rows.dropFirst().map { $0[place] }
    }

    private static func numbers<Number: LosslessStringConvertible>(_ cells: [String]) throws(ExampleError) -> [Number] {
        var numbers: [Number] = []
        for cell in cells {
            guard let number = Number(cell) else { throw ExampleError("'\(cell)' is not a number here") }
            numbers.append(number)
        }
        return numbers
    }

    /// The cells of a line; commas within quotes part nothing.
    private static func cells(_ line: Substring) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: cells.append("")
            case "\r": break
            default: cells[cells.count - 1].append(character)
            }
        }
        return cells
    }
}
