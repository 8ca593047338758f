import ByteStreams
import Samples

/// A stage's input stream: a file, or `-` for standard input.
enum StreamInput {
    /// Throws `usage` if standard input is a terminal: nobody types Arrow.
    static func check(_ path: String) throws(StageError) {
        if path == "-" && InputFile.isStandardInputTerminal {
            throw StageError(.usage, "there is no input", advice: "name a file, or pipe a stream in")
        }
    }
}
