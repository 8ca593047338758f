public import Samples

/// Everything that is wrong with a pipeline's settings, in the order in which a reader meets it.
public struct PipelineError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The faults, each with its place; never empty.
    public let faults: [StageError]

    /// Some faults.
    public init(_ faults: [StageError]) {
        precondition(!faults.isEmpty)
        self.faults = faults
    }

    /// One line a fault.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
