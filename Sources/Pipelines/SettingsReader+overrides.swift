import Samples

extension SettingsReader {
    /// What stands under a key as settings that win over a pipeline file's: `{epochs: 3}` under `train` sets `train.epochs`.
    func overrides(_ key: String, path: String) -> [SettingOverride] {
        take(key).map { flattened($0, path: path) } ?? []
    }

    /// Named parts under a key, each with settings under `section`; a plain list of names is one of parts without settings.
    func variants(_ key: String, under section: String) -> [Study.Variant] {
        guard let node = take(key) else { return [] }
        switch node.value {
        case .mapping(let entries):
            return entries.map { entry in
                Study.Variant(name: entry.key, overrides: flattened(entry.node, path: section))
            }
        default:
            return (texts(key) ?? []).map { Study.Variant(name: $0, overrides: []) }
        }
    }

    private func flattened(_ node: SettingsNode, path: String) -> [SettingOverride] {
        func override(_ text: String) -> [SettingOverride] {
            [SettingOverride(path: path, text: text, origin: .file(node.position))]
        }
        switch node.value {
        case .nothing: return []
        case .scalar(let text): return override(text)
        case .list(let parts):
            var texts: [String] = []
            for part in parts {
                guard case .scalar(let text) = part.value, !text.contains(",") else {
                    fault("`\(path)` must be a list of single values without commas", at: part.position)
                    return []
                }
                texts.append(text)
            }
            return override(texts.joined(separator: ","))
        case .mapping(let entries):
            return entries.flatMap { flattened($0.node, path: "\(path).\($0.key)") }
        }
    }
}
