/// What a stage's output looks like.
public enum StreamFormat: String, Sendable, Hashable, CaseIterable {
    /// An Arrow IPC stream: for the next stage, and for pyarrow and polars.
    case arrow
    /// An object a line, for people and scripts. Cannot tell a reader that its writer failed.
    case jsonl
    /// Comma-separated values with a header, for people and scripts. Cannot tell a reader that its writer failed.
    case csv
}
