public import Samples

/// An output file written from tasks: each write runs on the sink's own thread.
///
/// One task writes at a time. Released without `publish`, nothing appears under the file's name.
public struct ByteSink: Sendable {
    /// Gives the file up with the last copy of the sink, though the thread that opened or wrote it may hold it a moment more:
    /// the process may end in that moment.
    private final class Lifetime: Sendable {
        let file: OutputFile
        init(_ file: OutputFile) { self.file = file }
        deinit { file.discard() }
    }

    private let lifetime: Lifetime
    private let thread: BlockingThread

    private var file: OutputFile { lifetime.file }

    /// A sink into `file`.
    public init(_ file: OutputFile) {
        lifetime = Lifetime(file)
        thread = BlockingThread()
    }

    /// Opens `path` on the sink's own thread, as `OutputFile` does; a cancelled task does not wait for a named pipe's reader.
    public init(path: String, durability: OutputFile.Durability = .small) async throws(StageError) {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        lifetime = Lifetime(
            try await thread.run { () throws(StageError) in
                try OutputFile(path: path, durability: durability, cancellation: cancellation)
            })
        self.thread = thread
    }

    /// Bytes written so far.
    public var bytesWritten: Int { file.bytesWritten }

    /// Whether this is a terminal.
    public var isTerminal: Bool { file.isTerminal }

    /// Whether this is standard output, `-`.
    public var isStandardOutput: Bool { file.name == OutputFile.standardOutputName }

    /// The file as the user named it.
    public var name: String { file.name }

    /// Writes all of `bytes`; suspends until they are handed to the system.
    public func write(_ bytes: [UInt8]) async throws(StageError) {
        let cancellation = thread.cancellation
        try await thread.run { [file] () throws(StageError) in try file.write(bytes, cancellation: cancellation) }
    }

    /// Runs `produce` on the sink's own thread, with a function that writes there: for what is made piece by piece.
    public func write(
        _ produce:
            @escaping @Sendable (
                _ write: (_ bytes: [UInt8]) throws(StageError) -> Void
            ) throws(StageError) -> Void
    ) async throws(StageError) {
        let cancellation = thread.cancellation
        try await thread.run { [file] () throws(StageError) in
            try produce { bytes throws(StageError) in try file.write(bytes, cancellation: cancellation) }
        }
    }

    /// Makes the whole file appear under its name.
    public func publish() async throws(StageError) {
        try await thread.run { [file] () throws(StageError) in try file.publish() }
    }
}
