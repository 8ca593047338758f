public import Samples

/// Something that a pipeline file may well say, but that makes the result useless or other than it seems.
public struct PipelineWarning: Sendable, Hashable, CustomStringConvertible {
    /// The setting that it is about, in the pipeline file or where else it was set.
    public var position: SourcePosition?
    /// What was found, without a final full stop.
    public var message: String
    /// What a person can do about it.
    public var advice: String?

    /// `file:line:column: warning: message; advice`.
    public var description: String {
        (position.map { "\($0): " } ?? "") + "warning: \(message)" + (advice.map { "; \($0)" } ?? "")
    }
}
