/// One setting as it came out: its path, its value as YAML, and who set it.
public struct PipelineSetting: Sendable, Hashable {
    /// The keys that lead to the setting: `train`, `epochs`. A key may hold any character, dots too.
    public let keys: [String]
    /// The value as YAML.
    public let text: String
    /// Who set it.
    public let origin: SettingOrigin

    /// The setting's path: `train.epochs`.
    public var path: String { keys.joined(separator: ".") }
}

extension [PipelineSetting] {
    /// The settings as YAML, with the origin of each as a comment if asked; only those under `section` if one is named.
    public func yaml(section: String? = nil, withOrigins: Bool = true) -> String {
        var text = ""
        var enclosing: [String] = []
        for setting in self {
            guard let key = setting.keys.last, section == nil || section == setting.keys.first else { continue }
            let folders = [String](setting.keys.dropLast())
            var shared = 0
            while shared < Swift.min(enclosing.count, folders.count), enclosing[shared] == folders[shared] {
                shared += 1
            }
            for depth in shared..<folders.count {
                text += String(repeating: "  ", count: depth) + "\(YAMLText.scalar(folders[depth])):\n"
            }
            enclosing = folders
            let line = String(repeating: "  ", count: folders.count) + "\(YAMLText.scalar(key)): \(setting.text)"
            text += line
            if withOrigins {
                text +=
                    String(repeating: " ", count: Swift.max(1, 48 - line.count))
                    + "# \(YAMLText.escaped(setting.origin.description))"
            }
            text += "\n"
        }
        return text
    }
}
