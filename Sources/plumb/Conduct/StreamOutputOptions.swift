public import ArgumentParser
public import ArrowStream
import ByteStreams
import Samples

/// Where a stage's stream goes.
struct StreamOutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"),
        completion: .file())
    var output = "-"

    @Option(help: "Format of the stream: arrow for the next stage, jsonl or csv for eyes.")
    var to = StreamFormat.arrow

    /// Opens the output. Throws `usage` for Arrow on a terminal.
    func open() async throws(StageError) -> ByteSink {
        let sink = try await ByteSink(path: output)
        if to == .arrow && sink.isTerminal {
            throw StageError(
                .usage, "an Arrow stream is not for a terminal",
                advice: "pipe it into the next stage, name a file with -o, or say --to jsonl")
        }
        return sink
    }
}

extension StreamFormat: ExpressibleByArgument {}
