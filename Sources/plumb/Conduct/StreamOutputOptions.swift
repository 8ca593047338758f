public import ArgumentParser
public import ArrowStream
import ByteStreams
import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

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
        if format == .arrow && sink.isTerminal { throw Self.notForTerminals }
        return sink
    }

    /// Throws `usage` for Arrow on a terminal that is standard output: before anything is read.
    func requireNoTerminal() throws(StageError) {
        if output == "-" && format == .arrow && isatty(STDOUT_FILENO) == 1 { throw Self.notForTerminals }
    }

    private static var notForTerminals: StageError {
        StageError(
            .usage, "an Arrow stream is not for a terminal",
            advice: "pipe it into the next stage, name a file with -o, or say --to jsonl")
    }
}

extension StreamFormat: ExpressibleByArgument {}
