/// A number as text with four decimals, the precision of every table; `n/a` for one that is undefined.
enum FixedPoint {
    /// `0.6621`, `-0.0004`; a number that four decimals cannot serve (1e9 and more) with its shortest digits.
    static func text(_ value: Double?) -> String {
        guard let value else { return "n/a" }
        guard abs(value) < 1e9 else { return "\(value)" }
        let scaled = Int((abs(value) * 10_000).rounded())
        let decimals = String(scaled % 10_000)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return "\(sign)\(scaled / 10_000).\(String(repeating: "0", count: 4 - decimals.count))\(decimals)"
    }

    /// The same with a plus sign for a number of 0 or more.
    static func signedText(_ value: Double?) -> String {
        let digits = text(value)
        return value == nil || digits.hasPrefix("-") ? digits : "+\(digits)"
    }
}
