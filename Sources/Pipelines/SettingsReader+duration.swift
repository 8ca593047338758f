extension SettingsReader {
    /// How long something takes, in whole seconds, minutes, hours or days: `30s`, `30m`, `12h`, `7d`; at most 36500d. Nil if
    /// nobody set it.
    func duration(_ key: String) -> Duration? {
        guard let text = text(key) else { return nil }
        guard let (_, seconds) = Self.durationUnits.first(where: { text.last == $0.name }),
            let count = Int(text.dropLast()), count >= 0, count <= Self.mostSeconds / seconds
        else {
            fault("`\(path).\(key)` must be a time span such as 30s, 30m, 12h or 7d, is `\(text)`", key: key)
            return nil
        }
        return .seconds(count * seconds)
    }

    private static let durationUnits: [(name: Character, seconds: Int)] = [
        ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]

    /// A hundred years.
    private static let mostSeconds = 36_500 * 86_400
}
