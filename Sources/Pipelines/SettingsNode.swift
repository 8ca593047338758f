import Samples
import Yams

/// A pipeline file as a tree in which every part knows its place.
struct SettingsNode {
    indirect enum Value {
        /// `null`, `~` or nothing at all: as if the key did not stand there.
        case nothing
        case scalar(String)
        case list([SettingsNode])
        case mapping([Entry])
    }

    struct Entry {
        let key: String
        let keyPosition: SourcePosition
        let node: SettingsNode
    }

    let value: Value
    let position: SourcePosition

    /// The most parts a pipeline file may have once its aliases are written out, so that a few lines cannot stand for
    /// billions.
    private static let partLimit = 100_000

    /// Reads YAML text. `file` is the name that errors start with.
    static func parse(_ text: String, file: String) throws(StageError) -> SettingsNode {
        var parts = 0
        do {
            guard let root = try compose(yaml: text) else {
                return SettingsNode(value: .mapping([]), position: SourcePosition(file: file, line: 1, column: 1))
            }
            return try convert(root, file: file, parts: &parts)
        } catch let error as StageError {
            throw error
        } catch let error as YamlError {
            throw StageError(syntaxError: error, file: file)
        } catch {
            throw StageError(.usage, "not YAML: \(error)", at: SourcePosition(file: file))
        }
    }

    private static func convert(_ node: Node, file: String, parts: inout Int) throws(StageError) -> SettingsNode {
        let position = SourcePosition(file: file, line: node.mark?.line, column: node.mark?.column)
        parts += 1
        guard parts <= partLimit else {
            throw StageError(.usage, "more than \(partLimit) parts once aliases are written out", at: position)
        }
        switch node {
        case .scalar(let scalar):
            let isNothing = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return SettingsNode(value: isNothing ? .nothing : .scalar(scalar.string), position: position)
        case .sequence(let sequence):
            var list: [SettingsNode] = []
            for part in sequence { list.append(try convert(part, file: file, parts: &parts)) }
            return SettingsNode(value: .list(list), position: position)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, part) in mapping {
                guard let name = key.scalar?.string else {
                    throw StageError(.usage, "a key must be plain text", at: position)
                }
                let keyPosition = SourcePosition(file: file, line: key.mark?.line, column: key.mark?.column)
                entries.append(
                    Entry(key: name, keyPosition: keyPosition, node: try convert(part, file: file, parts: &parts)))
            }
            return SettingsNode(value: .mapping(entries), position: position)
        case .alias:
            throw StageError(.usage, "an alias without its anchor", at: position)
        }
    }

    /// What the value is, for errors.
    var kindName: String {
        switch value {
        case .nothing: "nothing"
        case .scalar: "a single value"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension StageError {
    fileprivate init(syntaxError error: YamlError, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(.usage, problem, at: SourcePosition(file: file, line: mark.line, column: mark.column))
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(
                .usage, "the key \(duplicates.sorted().map { "`\($0)`" }.joined(separator: ", ")) stands here twice",
                at: SourcePosition(file: file, line: context.mark.line, column: context.mark.column))
        default:
            self.init(.usage, "not YAML: \(error)", at: SourcePosition(file: file))
        }
    }
}
