/// A number as text with a fixed number of decimals; `n/a` for one that is undefined.
public enum FixedPoint {
    /// `0.6621`, `-0.0004`; a number that decimals cannot serve (1e9 and more) with its shortest digits.
    ///
    /// - Parameter decimals: 1 to 9; four is the precision of every table.
    public static func text(_ value: Double?, decimals: Int = 4) -> String {
        guard let value else { return "n/a" }
        guard abs(value) < 1e9 else { return "\(value)" }
        let unit = (0..<decimals).reduce(1) { product, _ in product * 10 }
        let scaled = Int((abs(value) * Double(unit)).rounded())
        let fraction = String(scaled % unit)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return "\(sign)\(scaled / unit).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
    }

    /// The same with a plus sign for a number of 0 or more.
    public static func signedText(_ value: Double?) -> String {
        let digits = text(value)
        return value == nil || digits.hasPrefix("-") ? digits : "+\(digits)"
    }
}
