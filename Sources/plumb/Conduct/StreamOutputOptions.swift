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

    @Option(help: "Format of the stream: arrow, the default, for the next stage; jsonl or csv for eyes.")
    var to: StreamFormat?

    /// The format that results.
    var format: StreamFormat { to ?? .arrow }

    /// Opens the output. Throws `usage` for Arrow on a terminal.
    func open() async throws(StageError) -> ByteSink {
        let sink = try await ByteSink(path: output)
        if format == .arrow && sink.isTerminal {
            throw StageError(
                .usage, "an Arrow stream is not for a terminal",
                advice: "pipe it into the next stage, name a file with -o, or say --to jsonl")
        }
        return sink
    }
}

extension StreamFormat: ExpressibleByArgument {}
