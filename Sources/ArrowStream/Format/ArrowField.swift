/// One column of a schema: its name, its type and what the writer noted about it.
public struct ArrowField: Sendable, Hashable {
    /// The column's name.
    public var name: String
    /// What its rows hold.
    public var type: ArrowType
    /// Whether rows may be null.
    public var isNullable: Bool
    /// Notes on the column, by key. Written in the order of their keys.
    public var metadata: [String: String]

    /// A column.
    public init(name: String, type: ArrowType, isNullable: Bool = false, metadata: [String: String] = [:]) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.metadata = metadata
    }
}
