extension SettingsReader {
    /// A number of bytes in a range: `268435456`, `64KiB`, `256MiB`, `1GiB`, `1TiB`.
    func bytes(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        let upper = range.upperBound == .max ? "" : " and at most \(Self.text(bytes: range.upperBound))"
        return value(
            key, default: standard,
            expected: "a number of bytes as in 256MiB, at least \(Self.text(bytes: range.lowerBound))\(upper)",
            shown: Self.text(bytes:)
        ) { text in
            guard let (unit, shift) = Self.units.first(where: { text.hasSuffix($0.name) }),
                let count = Int(text.dropLast(unit.count)), count > 0, count <= Int.max >> shift
            else { return nil }
            return range.contains(count << shift) ? count << shift : nil
        }
    }

    /// True or false.
    func boolean(_ key: String, default standard: Bool) -> Bool {
        value(key, default: standard, expected: "true or false", parse: { Bool($0) })
    }

    private static func text(bytes: Int) -> String {
        let (unit, shift) = units.first { bytes % (1 << $0.shift) == 0 } ?? (name: "", shift: 0)
        return "\(bytes >> shift)\(unit)"
    }

    private static let units: [(name: String, shift: Int)] = [
        ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("", 0),
    ]
}
