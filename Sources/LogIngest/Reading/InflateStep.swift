/// What one call of an inflate library did.
struct InflateStep {
    enum Outcome: Hashable {
        /// More input or more room for output is needed.
        case goesOn
        /// A member ended, and its checksum and length were right.
        case memberEnd
        /// The input is no gzip any more; why, if the library says so.
        case damage(String)
    }

    /// Bytes of input used.
    var consumed: Int
    /// Bytes of output written.
    var produced: Int
    var outcome: Outcome
}
