/// Why weights could not be exchanged: an opaque code and a message. The one failure type of this module.
public struct ExchangeError: Error, Sendable, Hashable {
    /// What kind of failure it is. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case map, tensor, limit, name }

        let value: Value

        /// The map says something that makes no sense, whatever it is used on.
        public static let map = Code(value: .map)
        /// A tensor is missing, left over, or of a shape or with numbers that do not fit.
        public static let tensor = Code(value: .tensor)
        /// The model is larger than the other format can hold.
        public static let limit = Code(value: .limit)
        /// A field has a name that the other format needs itself.
        public static let name = Code(value: .name)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, naming the tensor; without a final full stop.
    public let message: String
    /// Where in the map; nil where that is not to blame.
    public let place: MapPlace?

    /// An error of `code`.
    public init(_ code: Code, _ message: String, at place: MapPlace? = nil) {
        self.code = code
        self.message = message
        self.place = place
    }
}

extension ExchangeError: CustomStringConvertible {
    /// `4:7: error: message`.
    public var description: String {
        (place.map { "\($0.line):\($0.column): " } ?? "") + "error: \(message)"
    }
}

/// A place in a map's text, counted from 1.
public struct MapPlace: Sendable, Hashable {
    /// The line.
    public var line: Int
    /// The column.
    public var column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
