import ModelExchange
import Samples

extension WeightMap {
    /// Reads a map's text; all faults at once, each with its place.
    init(yaml: String, file: String) throws(PipelineError) {
        let reader: WeightMapReader
        do throws(StageError) {
            reader = WeightMapReader(try SettingsNode.parse(yaml, file: file))
        } catch {
            throw PipelineError([error])
        }
        guard reader.faults.isEmpty else { throw PipelineError(reader.faults) }
        self = reader.map
    }
}

/// What a map's YAML says, and what is wrong with it.
private struct WeightMapReader {
    private(set) var map = WeightMap(rules: [])
    private(set) var faults: [StageError] = []

    private static let keys = ["tensors", "names", "ignore"]
    private static let steps = [
        "from", "sum", "concatenate", "concatenate_columns", "fill", "transpose", "rows", "columns", "drop_row",
        "zero_row", "insert_zero_row", "reshape", "repeat", "keys",
    ]

    init(_ root: SettingsNode) {
        guard case .mapping(let entries) = root.value else {
            fault("a map must be a mapping with the key `tensors`, is \(root.kindName)", at: root.position)
            return
        }
        for entry in entries {
            switch entry.key {
            case "tensors": readRules(entry.node)
            case "names": readNames(entry.node)
            case "ignore": map.ignored = texts(entry.node, "`ignore`")
            default:
                fault(
                    "unknown key `\(entry.key)`", at: entry.keyPosition,
                    advice: nearest(to: entry.key, among: Self.keys).map { "did you mean `\($0)`?" }
                        ?? "known here: \(Self.keys.joined(separator: ", "))")
            }
        }
        if !entries.contains(where: { $0.key == "tensors" }) {
            fault("`tensors` is missing: which tensor of the model is made of what", at: root.position)
        }
    }

    private mutating func readRules(_ node: SettingsNode) {
        guard case .mapping(let entries) = node.value else {
            fault("`tensors` must be a mapping, is \(node.kindName)", at: node.position)
            return
        }
        for entry in entries {
            if entry.key.count(where: { $0 == "*" }) > 1 {
                fault("`\(entry.key)` has more than one `*`", at: entry.keyPosition)
            }
            guard let expression = expression(entry.node) else { continue }
            map.rules.append(WeightMap.Rule(entry.key, expression, place: MapPlace(entry.keyPosition)))
        }
    }

    private mutating func readNames(_ node: SettingsNode) {
        guard case .mapping(let entries) = node.value else {
            fault("`names` must be a mapping from our names to the source's, is \(node.kindName)", at: node.position)
            return
        }
        for entry in entries {
            guard case .scalar(let name) = entry.node.value else {
                fault("`\(entry.key)` must be a name, is \(entry.node.kindName)", at: entry.node.position)
                continue
            }
            map.names[entry.key] = name
        }
    }

    // MARK: Expressions

    /// A tensor's name, a source with its key, or a list of one of these and steps.
    private mutating func expression(_ node: SettingsNode) -> WeightExpression? {
        guard case .list(let parts) = node.value else {
            return source(node).map { WeightExpression($0, place: MapPlace(node.position)) }
        }
        guard let first = parts.first, let source = source(first) else {
            if parts.isEmpty { fault("an empty list makes no tensor", at: node.position) }
            return nil
        }
        var expression = WeightExpression(source, place: MapPlace(first.position))
        for part in parts.dropFirst() {
            guard let action = action(part) else { continue }
            expression.steps.append(WeightExpression.Step(action, place: MapPlace(part.position)))
        }
        return expression
    }

    private mutating func source(_ node: SettingsNode) -> WeightExpression.Source? {
        if case .scalar(let name) = node.value { return .tensor(name) }
        guard let (key, value) = single(node, "a source: a tensor's name, or one of from, sum, concatenate, fill")
        else {
            return nil
        }
        switch key {
        case "from":
            guard case .scalar(let name) = value.value else {
                fault("`from` must be a tensor's name, is \(value.kindName)", at: value.position)
                return nil
            }
            return .tensor(name)
        case "sum": return expressions(value, key).map { .sum($0) }
        case "concatenate": return expressions(value, key).map { .concatenation($0) }
        case "concatenate_columns": return expressions(value, key).map { .columnConcatenation($0) }
        case "fill":
            guard case .scalar(let text) = value.value, let number = Float(text), number.isFinite else {
                fault("`fill` must be a number", at: value.position)
                return nil
            }
            return .fill(number)
        default:
            refuse(key, at: node.position, isFirst: true)
            return nil
        }
    }

    private mutating func expressions(_ node: SettingsNode, _ key: String) -> [WeightExpression]? {
        guard case .list(let parts) = node.value, !parts.isEmpty else {
            fault("`\(key)` must be a list of tensors", at: node.position)
            return nil
        }
        let expressions = parts.compactMap { expression($0) }
        return expressions.count == parts.count ? expressions : nil
    }

    private mutating func action(_ node: SettingsNode) -> WeightExpression.Step.Action? {
        if case .scalar(let word) = node.value {
            switch word {
            case "transpose": return .transpose
            case "insert_zero_row": return .insertZeroRow
            default:
                refuse(word, at: node.position, isFirst: false)
                return nil
            }
        }
        guard let (key, value) = single(node, "a step") else { return nil }
        switch key {
        case "rows", "columns":
            guard let numbers = integers(value), (1...2).contains(numbers.count) else {
                fault("`\(key)` must be [from, up to but not with] or [from]", at: value.position)
                return nil
            }
            let to = numbers.count == 2 ? numbers[1] : nil
            return key == "rows" ? .rows(from: numbers[0], to: to) : .columns(from: numbers[0], to: to)
        case "drop_row", "zero_row":
            guard case .scalar(let text) = value.value, let row = Int(text) else {
                fault("`\(key)` must be a row's number", at: value.position)
                return nil
            }
            return key == "drop_row" ? .dropRow(row) : .zeroRow(row)
        case "reshape":
            guard let shape = integers(value), shape.allSatisfy({ $0 >= 0 }) else {
                fault("`reshape` must be a list of sizes", at: value.position)
                return nil
            }
            return .reshape(shape)
        case "repeat":
            guard case .scalar(let text) = value.value, let times = Int(text), times >= 1 else {
                fault("`repeat` must be a number of copies, at least 1", at: value.position)
                return nil
            }
            return .repeated(times)
        case "keys":
            guard case .scalar(let file) = value.value else {
                fault("`keys` must be a file's name", at: value.position)
                return nil
            }
            return .keys(file: file)
        default:
            refuse(key, at: node.position, isFirst: false)
            return nil
        }
    }

    // MARK: Parts

    private mutating func single(_ node: SettingsNode, _ what: String) -> (String, SettingsNode)? {
        guard case .mapping(let entries) = node.value, entries.count == 1 else {
            fault("this must be \(what), is \(node.kindName)", at: node.position)
            return nil
        }
        return (entries[0].key, entries[0].node)
    }

    private func integers(_ node: SettingsNode) -> [Int]? {
        guard case .list(let parts) = node.value else { return nil }
        let numbers = parts.compactMap { part in
            if case .scalar(let text) = part.value { Int(text) } else { nil }
        }
        return numbers.count == parts.count ? numbers : nil
    }

    private mutating func texts(_ node: SettingsNode, _ what: String) -> [String] {
        if case .nothing = node.value { return [] }
        if case .scalar(let text) = node.value { return [text] }
        guard case .list(let parts) = node.value else {
            fault("\(what) must be a list of names, is \(node.kindName)", at: node.position)
            return []
        }
        return parts.compactMap { part in
            if case .scalar(let text) = part.value { return text }
            fault("\(what) must be a list of names, holds \(part.kindName)", at: part.position)
            return nil
        }
    }

    private mutating func refuse(_ word: String, at position: SourcePosition, isFirst: Bool) {
        let isKnown = Self.steps.contains(word)
        fault(
            isKnown
                ? (isFirst ? "`\(word)` needs a tensor before it" : "`\(word)` stands first, or with what it needs")
                : "unknown step `\(word)`",
            at: position,
            advice: isKnown
                ? (isFirst ? "write [tensor, \(word): …]" : nil)
                : nearest(to: word, among: Self.steps).map { "did you mean `\($0)`?" }
                    ?? "known: \(Self.steps.joined(separator: ", "))")
    }

    private mutating func fault(_ message: String, at position: SourcePosition, advice: String? = nil) {
        faults.append(StageError(.usage, message, at: position, advice: advice))
    }
}

extension MapPlace {
    fileprivate init?(_ position: SourcePosition) {
        guard let line = position.line, let column = position.column else { return nil }
        self.init(line: line, column: column)
    }
}
