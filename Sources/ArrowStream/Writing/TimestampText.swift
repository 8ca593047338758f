/// Timestamps as ISO 8601 text.
enum TimestampText {
    /// `2024-02-29T23:59:59.999Z`, without the `Z` unless `isUTC`. Years outside 0 to 9999 have a sign and six digits.
    static func text(_ ticks: Int64, _ unit: ArrowType.TimeUnit, isUTC: Bool) -> String {
        let (seconds, fraction) = floorDivide(ticks, unit.ticksPerSecond)
        let milliseconds = fraction * 1000 / unit.ticksPerSecond
        let (days, second) = floorDivide(seconds, 86_400)
        let (year, month, day) = civilDate(days)
        let yearText =
            (0...9999).contains(year)
            ? digits(year, 4) : (year < 0 ? "-" : "+") + digits(Int64(year.magnitude), 6)
        return "\(yearText)-\(digits(month, 2))-\(digits(day, 2))T\(digits(second / 3600, 2)):"
            + "\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2)).\(digits(milliseconds, 3))\(isUTC ? "Z" : "")"
    }

    /// Year, month and day of the day `days` after 1970-01-01, Gregorian throughout.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years start in March, so
    /// that the leap day is a year's last, and are counted in eras of 400 years, which all have 146,097 days.
    private static func civilDate(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Quotient rounded down, and the remainder from 0 to below `divisor`.
    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
