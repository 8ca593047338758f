/// How a column lies in messages: its type, and what its buffers' children are.
struct ColumnLayout {
    /// The name of the column that it is, or is part of, for errors.
    let column: String
    let type: ArrowType
    /// The id under which a dictionary column's values arrive.
    var dictionaryID: Int64?
    /// A list's items, or a dictionary's values.
    var children: [ColumnLayout] = []

    /// The dictionaries that the column needs, by id.
    func dictionaries() -> [(id: Int64, values: ColumnLayout)] {
        let own: [(Int64, ColumnLayout)] = dictionaryID.flatMap { id in children.first.map { [(id, $0)] } } ?? []
        return own + children.flatMap { $0.dictionaries() }
    }
}
