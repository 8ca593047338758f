public import Samples

/// What stands at the beginning of a source's files, before any row is read.
public struct SourceHead: Sendable, Hashable {
    /// A file of the source.
    public struct File: Sendable, Hashable {
        /// The file as the settings name it, `-` for standard input.
        public var path: String
        /// Its size; nil for what is no regular file, or is not there.
        public var bytes: Int?
    }

    /// The source's name.
    public var name: String
    /// Its files, in the order in which they are read; folders and patterns stand resolved.
    public var files: [File]
    /// The first file or entry that was looked at; nil if none was.
    public var stream: SourcePosition?
    /// Its columns, in their order.
    public var columns: [String] = []
    /// What is wrong with the files: those that cannot be read, are no log, or lack a column that the settings name.
    public var faults: [StageError] = []
}
