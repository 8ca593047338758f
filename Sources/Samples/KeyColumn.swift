/// User keys as the log holds them: all integers, or all text. Never mixed within a stream.
public enum KeyColumn: Sendable, Hashable {
    /// 64-bit integers.
    case integers([Int64])
    /// UTF-8 text.
    case text(TextColumn)

    /// The two kinds of key.
    public enum Kind: String, Sendable, Hashable {
        /// 64-bit integers.
        case integer
        /// UTF-8 text.
        case text
    }

    /// An empty column of `kind`.
    public init(_ kind: Kind) {
        switch kind {
        case .integer: self = .integers([])
        case .text: self = .text(TextColumn())
        }
    }

    /// Whether the keys are integers or text.
    public var kind: Kind {
        switch self {
        case .integers: .integer
        case .text: .text
        }
    }

    /// Number of rows.
    public var count: Int {
        switch self {
        case .integers(let values): values.count
        case .text(let values): values.count
        }
    }

    /// The key of one row. Cost: O(1) for integers, a copy of the bytes for text.
    public subscript(row: Int) -> UserKey {
        switch self {
        case .integers(let values): .integer(values[row])
        case .text(let values): .text(values[row])
        }
    }

    /// Whether two rows hold the same key; no copies.
    public func isEqual(_ row: Int, to other: KeyColumn, _ otherRow: Int) -> Bool {
        switch (self, other) {
        case (.integers(let a), .integers(let b)): a[row] == b[otherRow]
        case (.text(let a), .text(let b)): a.isEqual(row, to: b, otherRow)
        default: false
        }
    }

    /// Appends one row of another column of the same kind.
    public mutating func append(_ row: Int, of other: KeyColumn) {
        append(contentsOf: row..<(row + 1), of: other)
    }

    /// Appends rows of another column of the same kind, which must fit.
    public mutating func append(contentsOf rows: Range<Int>, of other: KeyColumn) {
        // The payload must have one owner while it grows, or each append would copy it whole.
        if case .integers(var values) = self, case .integers(let more) = other {
            self = .integers([])
            values.append(contentsOf: more[rows])
            self = .integers(values)
        } else if case .text(var values) = self, case .text(let more) = other {
            self = .integers([])
            values.append(contentsOf: rows, of: more)
            self = .text(values)
        } else {
            preconditionFailure("a stream's user keys are all integers or all text")
        }
    }

    /// Whether rows of another column of the same kind can be appended: `limit` is the most rows, and bytes of text, that
    /// there may be afterwards.
    public func fits(
        _ rows: Range<Int>, of other: KeyColumn, limit: Int = SampleBatch.columnLimit
    ) -> Bool {
        guard count + rows.count <= limit else { return false }
        guard case .text(let values) = self, case .text(let more) = other else { return true }
        return values.fits(rows, of: more, limit: limit)
    }

    /// Appends one key of the same kind.
    public mutating func append(_ key: UserKey) {
        if case .integers(var values) = self, case .integer(let value) = key {
            self = .integers([])
            values.append(value)
            self = .integers(values)
        } else if case .text(var values) = self, case .text(let text) = key {
            self = .integers([])
            values.append(text)
            self = .text(values)
        } else {
            preconditionFailure("a stream's user keys are all integers or all text")
        }
    }

    /// Appends the rows named by `rows`, in that order, of another column of the same kind; they must fit.
    public mutating func append(gathering rows: ArraySlice<UInt32>, of other: KeyColumn) {
        if case .integers(var values) = self, case .integers(let more) = other {
            self = .integers([])
            values.append(gathering: rows, of: more)
            self = .integers(values)
        } else if case .text(var values) = self, case .text(let more) = other {
            self = .integers([])
            values.append(gathering: rows, of: more)
            self = .text(values)
        } else {
            preconditionFailure("a stream's user keys are all integers or all text")
        }
    }

    /// Bytes held, for bounds on memory.
    public var byteCount: Int {
        switch self {
        case .integers(let values): values.count * 8
        case .text(let values): values.byteCount
        }
    }

    /// Row ranges of equal consecutive keys, in order.
    public var runs: [Range<Int>] {
        switch self {
        case .integers(let values): Self.runs(values.count) { values[$0] == values[$0 + 1] }
        case .text(let values): Self.runs(values.count) { values.isEqual($0, to: values, $0 + 1) }
        }
    }

    @inline(__always)
    private static func runs(_ count: Int, isLikeNext: (_ row: Int) -> Bool) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = 0
        for row in 0..<count where row + 1 == count || !isLikeNext(row) {
            result.append(start..<(row + 1))
            start = row + 1
        }
        return result
    }
}
