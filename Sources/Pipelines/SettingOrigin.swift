public import Samples

/// Where a setting's value came from. Later ones win: default, pipeline file, environment, flag.
public enum SettingOrigin: Sendable, Hashable {
    /// Nobody set it.
    case standard
    /// A place in the pipeline file.
    case file(SourcePosition)
    /// An environment variable, by name.
    case environment(String)
    /// A command-line flag, as typed: `--epochs`.
    case flag(String)

    /// Where an error about the value points.
    var position: SourcePosition? {
        switch self {
        case .standard: nil
        case .file(let position): position
        case .environment(let name), .flag(let name): SourcePosition(file: name)
        }
    }
}

extension SettingOrigin: CustomStringConvertible {
    /// `default`, `file:line:column`, `PLUMB_NAME` or `--flag`.
    public var description: String { position?.description ?? "default" }
}

/// One value that wins over the pipeline file.
public struct SettingOverride: Sendable, Hashable {
    /// The setting's path: `train.epochs`.
    public var path: String
    /// The value as text; lists are separated by commas.
    public var text: String
    /// A flag or an environment variable.
    public var origin: SettingOrigin

    /// A value for the setting at `path`.
    public init(path: String, text: String, origin: SettingOrigin) {
        self.path = path
        self.text = text
        self.origin = origin
    }
}
