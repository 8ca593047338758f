import ByteStreams
import Pipelines
import Samples

/// How `--print-config` shows settings.
enum ConfigForm: String {
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
