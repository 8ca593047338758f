/// Shares as people write them.
public enum Share {
    /// `10%` or `0.1` in millionths, rounded; nil if it is no share of 0 to 1, or smaller than a millionth but not 0.
    public static func millionths(_ text: String) -> Int? {
        let isPercent = text.last == "%"
        guard let number = Double(isPercent ? String(text.dropLast()) : text), number.isFinite else { return nil }
        let share = (isPercent ? number / 100 : number) * 1e6
        guard (0...1e6).contains(share) else { return nil }
        let millionths = Int(share.rounded())
        return millionths == 0 && number != 0 ? nil : millionths
    }
}
