import Samples

/// A stream's schema while a decoder looks for the columns that it needs.
struct StreamSchema {
    let schema: ArrowSchema
    private let file: String

    /// The schema of a stream that holds `contents`: samples or predictions.
    init(_ decoder: ArrowStreamDecoder, contents: String) throws(StageError) {
        schema = decoder.schema
        file = decoder.name
        switch schema.metadata[StreamNotes.stream] {
        case contents: break
        case let other?: throw fault("this is a stream of \(other), not of \(contents)")
        case nil:
            throw fault(
                "this is an Arrow stream, but not one of \(contents)",
                advice: "its schema's metadata has no `\(StreamNotes.stream)`")
        }
        guard let format = schema.metadata[StreamNotes.format], format == StreamNotes.currentFormat else {
            let format = schema.metadata[StreamNotes.format].map { "`\($0)`" } ?? "not given"
            throw fault("the stream's `\(StreamNotes.format)` is \(format), where \(StreamNotes.currentFormat) is read")
        }
        var names: Set<String> = []
        for field in schema.fields where !names.insert(field.name).inserted {
            throw fault("two columns are called `\(field.name)`")
        }
    }

    /// What a column's type has to be.
    enum Expectation {
        case key, time, part
        case exactly(ArrowType)
        case listOfIDs
    }

    /// The index of the column `name`, which has to be as expected.
    func column(_ name: String, _ expectation: Expectation) throws(StageError) -> Int {
        guard let index = schema.fields.firstIndex(where: { $0.name == name }) else {
            throw fault("the stream has no column `\(name)`")
        }
        try check(index, expectation)
        return index
    }

    /// Throws unless a column's type is as expected.
    func check(_ index: Int, _ expectation: Expectation) throws(StageError) {
        let field = schema.fields[index]
        let (isRight, wanted): (Bool, String) =
            switch (expectation, field.type) {
            case (.key, let type): (type == .integer(.int64) || type.isText, "int64 or utf8")
            case (.time, .timestamp(.millisecond, timezone: .some)): (true, "")
            case (.time, _): (false, "timestamp[ms, UTC]")
            case (.part, .dictionary(_, let value)): (value.isText, "dictionary<int8, utf8>")
            case (.part, let type): (type.isText, "dictionary<int8, utf8>")
            case (.exactly(let wanted), let type): (type == wanted, wanted.description)
            case (.listOfIDs, .list(let item)), (.listOfIDs, .largeList(let item)):
                (item == .integer(.uint32), "list<uint32>")
            case (.listOfIDs, _): (false, "list<uint32>")
            }
        guard isRight else { throw fault("column `\(field.name)` must be \(wanted), is \(field.type)") }
    }

    /// A number in the stream's metadata.
    func note<Number: LosslessStringConvertible>(_ key: String, as type: Number.Type) throws(StageError) -> Number {
        guard let text = schema.metadata[key] else { throw fault("the stream's metadata has no `\(key)`") }
        guard let number = Number(text) else { throw fault("the stream's `\(key)` is `\(text)`, which is no number") }
        return number
    }

    /// An error about the schema.
    func fault(_ text: String, advice: String? = nil) -> StageError {
        StageError(.data, text, at: SourcePosition(file: file), advice: advice)
    }
}

extension ArrowType {
    /// Whether values are UTF-8 text.
    var isText: Bool { self == .utf8 || self == .largeUTF8 || self == .utf8View }
}
