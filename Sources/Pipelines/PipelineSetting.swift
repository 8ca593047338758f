/// One setting as it came out: its path, its value as YAML, and who set it.
public struct PipelineSetting: Sendable, Hashable {
    /// The setting's path: `train.epochs`.
    public let path: String
    /// The value as YAML.
    public let text: String
    /// Who set it.
    public let origin: SettingOrigin
}

extension [PipelineSetting] {
    /// The settings as YAML, with the origin of each as a comment if asked; only those under `section` if one is named.
    public func yaml(section: String? = nil, withOrigins: Bool = true) -> String {
        var text = ""
        var enclosing: [Substring] = []
        for setting in self {
            let parts = setting.path.split(separator: ".")
            if let section, parts.first.map(String.init) != section { continue }
            let folders = parts.dropLast()
            var shared = 0
            while shared < Swift.min(enclosing.count, folders.count), enclosing[shared] == folders[shared] {
                shared += 1
            }
            for depth in shared..<folders.count {
                text += String(repeating: "  ", count: depth) + "\(folders[depth]):\n"
            }
            enclosing = [Substring](folders)
            let line = String(repeating: "  ", count: folders.count) + "\(parts[parts.count - 1]): \(setting.text)"
            text += line
            if withOrigins {
                text += String(repeating: " ", count: Swift.max(1, 48 - line.count)) + "# \(setting.origin)"
            }
            text += "\n"
        }
        return text
    }
}
