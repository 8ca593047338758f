/// Why a stage stopped: an opaque code, where it happened, and what to do next. The one failure type of all streams.
public struct StageError: Error, Sendable, Hashable {
    /// What kind of failure it is; decides the exit code. A struct, so that cases can be added.
    public struct Code: Sendable, Hashable {
        enum Value: Sendable, Hashable { case usage, data, refused, environment, tooManyRejects, cancelled, closedPipe }

        let value: Value

        /// The command or a settings file asks for something that makes no sense (exit 64).
        public static let usage = Code(value: .usage)
        /// The input's content is wrong: damaged, truncated, not of the stated type (exit 2).
        public static let data = Code(value: .data)
        /// The input is whole, but not to be read: it passes a limit, or asks for what is not supported (exit 2).
        public static let refused = Code(value: .refused)
        /// The machine refused: a missing file, no permission, a full disk (exit 2).
        public static let environment = Code(value: .environment)
        /// More rows were rejected than the settings allow (exit 1).
        public static let tooManyRejects = Code(value: .tooManyRejects)
        /// The task was cancelled or a signal arrived (exit 130 or 143).
        public static let cancelled = Code(value: .cancelled)
        /// The reader of our output went away, as `head` does (exit 0).
        public static let closedPipe = Code(value: .closedPipe)
    }

    /// What kind of failure it is.
    public let code: Code
    /// Where in the input it happened, if there is such a place.
    public let position: SourcePosition?
    /// What happened, without the position and without a final full stop.
    public let message: String
    /// What a person can do about it, if that is known.
    public let advice: String?

    /// An error of `code` at `position`.
    public init(_ code: Code, _ message: String, at position: SourcePosition? = nil, advice: String? = nil) {
        self.code = code
        self.position = position
        self.message = message
        self.advice = advice
    }

    /// A stop that was asked for from outside.
    public static let cancelled = StageError(.cancelled, "cancelled")

    /// One user's samples are more than a batch can hold: `limit` rows, bytes of keys or ids of a list.
    public static func userDoesNotFit(limit: Int) -> StageError {
        // The key is not named: it may be what is too long.
        StageError(
            .data,
            "a user's samples do not fit in one batch: \(limit) rows, bytes of keys and ids of a list are the most",
            advice: "shorten user keys and lists, or leave that user out")
    }
}

extension StageError: CustomStringConvertible {
    /// `file:line:column: error: message; advice`, as compilers print it.
    public var description: String {
        var text = ""
        if let position { text += "\(position): " }
        text += "error: \(message)"
        if let advice { text += "; \(advice)" }
        return text
    }
}
