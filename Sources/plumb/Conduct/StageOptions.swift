import ArgumentParser
import Pipelines

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The settings that a stage reads from the pipeline file, and what it does when it is only asked to show them.
struct StageOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("Take settings from this pipeline file.", valueName: "path"),
        completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String?

    @OptionGroup var config: ConfigOptions

    /// The settings that result from pipeline file, environment and flags; nil if they were only to be printed, and are.
    func load(sections: [String], flags: [SettingOverride?] = []) async throws -> Pipeline? {
        let settings = try await Pipeline(path: pipeline, flags: flags)
        guard let form = config.form else { return settings }
        try await form.print(settings, sections: sections)
        return nil
    }
}

extension Pipeline {
    /// The settings that result from a pipeline file, this process's environment and the flags that were given.
    init(path: String?, flags: [SettingOverride?]) async throws(PipelineError) {
        try await self.init(
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
