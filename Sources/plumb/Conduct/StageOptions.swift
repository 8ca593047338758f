public import ArgumentParser
public import ArrowStream
import ByteStreams
import Pipelines
import Samples

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The settings that a stage reads from the pipeline file, and what it does when it is only asked to show them.
struct StageOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Take settings from this pipeline file.", valueName: "path"))
    var pipeline: String?

    @Option(
        defaultAsFlag: .origins,
        help: "Print the stage's settings, with 'origins' (where each came from) or as bare 'values', and do no more.")
    var printConfig: ConfigForm?

    /// The settings that result from pipeline file, environment and flags; nil if they were only to be printed, and are.
    func load(sections: [String], flags: [SettingOverride?] = []) async throws -> Pipeline? {
        let settings = try Pipeline(path: pipeline, flags: flags)
        guard let printConfig else { return settings }
        try await printConfig.print(settings, sections: sections)
        return nil
    }
}

/// How `--print-config` shows settings.
enum ConfigForm: String, ExpressibleByArgument, CaseIterable {
    /// Values with where each came from.
    case origins
    /// Values alone: what a makefile compares.
    case values

    /// Prints some sections of the settings as YAML.
    func print(_ settings: Pipeline, sections: [String]) async throws(StageError) {
        let text = sections.map { settings.settings.yaml(section: $0, withOrigins: self == .origins) }.joined()
        try await FileContents.write(Array(text.utf8), to: "-")
    }
}

extension Pipeline {
    /// The settings that result from a pipeline file, this process's environment and the flags that were given.
    init(path: String?, flags: [SettingOverride?]) throws(PipelineError) {
        try self.init(
            path: path, overrides: flags.compactMap(\.self), environment: ProcessInfo.processInfo.environment)
    }
}

extension SettingOverride {
    /// A flag's value for a setting; nil if the flag was not given.
    init?(_ path: String, _ flag: String, _ value: (some CustomStringConvertible)?) {
        guard let value else { return nil }
        self.init(path: path, text: value.description, origin: .flag(flag))
    }
}

/// How many cores a stage uses.
struct ThreadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Cores to use; does not change the result.", valueName: "n"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024.") }
    }
}

/// Where a stage's stream goes.
struct StreamOutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"))
    var output = "-"

    @Option(help: "Format of the stream: arrow for the next stage, jsonl or csv for eyes.")
    var to = StreamFormat.arrow

    /// Opens the output. Throws `usage` for Arrow on a terminal.
    func open() throws(StageError) -> ByteSink {
        let file = try OutputFile(path: output)
        if to == .arrow && file.isTerminal {
            throw StageError(
                .usage, "an Arrow stream is not for a terminal",
                advice: "pipe it into the next stage, name a file with -o, or say --to jsonl")
        }
        return ByteSink(file)
    }
}

extension StreamFormat: ExpressibleByArgument {}

/// A stage's input stream: a file, or `-` for standard input.
enum StreamInput {
    /// Throws `usage` if standard input is a terminal: nobody types Arrow.
    static func check(_ path: String) throws(StageError) {
        if path == "-" && InputFile.isStandardInputTerminal {
            throw StageError(.usage, "there is no input", advice: "name a file, or pipe a stream in")
        }
    }
}
