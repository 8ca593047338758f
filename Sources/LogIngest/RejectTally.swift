public import Samples

/// Rows that made no sample, counted by what is wrong with them, with the first few of each kind. Its size is bounded.
public struct RejectTally: Sendable, Hashable {
    /// Rejects of one kind.
    public struct Kind: Sendable, Hashable {
        /// The column that is wrong; nil where it is the whole row.
        public var column: String?
        /// How many rows.
        public var count = 0
        /// The first few.
        public var examples: [Example] = []
        /// The reason without the numbers in it, which tells kinds of whole rows apart.
        fileprivate var outline: String
    }

    /// One row.
    public struct Example: Sendable, Hashable {
        /// Where it stands.
        public var position: SourcePosition
        /// What is wrong with it.
        public var reason: String
    }

    /// The kinds, in order of their first rows.
    public private(set) var kinds: [Kind] = []
    /// Rows of still other kinds.
    public private(set) var others = 0

    private static let mostKinds = 20
    private static let mostExamples = 3

    /// Counts one.
    mutating func add(_ reject: Reject) {
        // Of a column one thing is asked, so its name is what is wrong; the reason holds the field's text.
        let outline = reject.column == nil ? reject.reason.filter { !$0.isNumber } : ""
        var index = kinds.firstIndex { $0.column == reject.column && $0.outline == outline }
        if index == nil && kinds.count < Self.mostKinds {
            index = kinds.count
            kinds.append(Kind(column: reject.column, outline: outline))
        }
        guard let index else {
            others += 1
            return
        }
        kinds[index].count += 1
        if kinds[index].examples.count < Self.mostExamples {
            kinds[index].examples.append(Example(position: reject.position, reason: reject.reason))
        }
    }
}
