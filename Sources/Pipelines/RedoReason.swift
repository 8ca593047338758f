/// Why a step of a run is done and not skipped.
public enum RedoReason: Sendable, Hashable {
    /// It was not done in this folder before.
    case new
    /// `--from` asks for it.
    case asked
    /// Its results stand there, and nothing says what they were made from.
    case notRecorded
    /// The run folder's record cannot be read.
    case unreadableRecord
    /// Its entry in the record does not agree with itself.
    case recordChanged
    /// Another version of the tool did it: that one.
    case version(String)
    /// Settings changed; none of them is named if only their order did.
    case settings([SettingChange])
    /// An input changed.
    case inputChanged(InputLabel)
    /// There is an input more.
    case inputAdded(InputLabel)
    /// There is an input less.
    case inputRemoved(InputLabel)
    /// The same inputs stand in another order.
    case inputOrder
    /// An input cannot be compared with what was read before: what it is.
    case incomparable(String)
    /// One of its results is gone: its path in the run folder.
    case resultMissing(String)
    /// One of its results is no longer what the step made: its path in the run folder.
    case resultChanged(String)
    /// An earlier step was done anew.
    case earlierStep

    /// A setting that is not what it was.
    public struct SettingChange: Sendable, Hashable {
        /// The setting's path.
        public let path: String
        /// Its value as YAML; nil if there was none.
        public let before: String?
        /// Its value as YAML; nil if there is none.
        public let now: String?
    }

    /// An input as a person is told of it.
    public struct InputLabel: Sendable, Hashable {
        /// What a source's file is read for; nil for a result of the run.
        public let purpose: String?
        /// The file.
        public let name: String
    }
}

extension RedoReason: CustomStringConvertible {
    private static let mostChanges = 3

    /// `redone, settings changed: train.epochs 3 → 4`; `new, not done before`.
    public var description: String {
        switch self {
        case .new: "new, not done before"
        case .asked: "redone, as asked"
        case .notRecorded: "redone, nothing says how it was made"
        case .unreadableRecord: "redone, stages.json cannot be read"
        case .recordChanged: "redone, stages.json was changed"
        case .version(let version): "redone, made by version \(ShownText.plain(version))"
        case .settings(let changes): "redone, settings changed: \(Self.text(changes))"
        case .inputChanged(let input):
            "redone, " + (input.purpose.map { "the \($0) changed: \(input.name)" } ?? "\(input.name) changed")
        case .inputAdded(let input):
            "redone, " + (input.purpose.map { "the \($0) has a new file: \(input.name)" } ?? "\(input.name) is new")
        case .inputRemoved(let input):
            "redone, " + (input.purpose.map { "the \($0) no longer has \(input.name)" } ?? "\(input.name) is gone")
        case .inputOrder: "redone, its inputs stand in another order"
        case .incomparable(let input): "redone, \(input) cannot be compared with what was read before"
        case .resultMissing(let name): "redone, \(name) is missing"
        case .resultChanged(let name): "redone, \(name) was changed since"
        case .earlierStep: "redone, an earlier stage was"
        }
    }

    private static func text(_ changes: [SettingChange]) -> String {
        if changes.isEmpty { return "their order" }
        let shown = changes.prefix(mostChanges).map { change in
            let values = [change.before, change.now].map { $0.map(ShownText.plain) ?? "unset" }
            return "\(change.path) \(values.joined(separator: " → "))"
        }
        let rest = changes.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
