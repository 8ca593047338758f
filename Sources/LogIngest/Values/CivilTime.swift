/// A time as it was written: fields of a calendar and a clock, not yet checked.
struct CivilTime {
    var year = 0
    var month = 1
    var day = 1
    /// Counts instead of month and day if it is not nil; from 1.
    var dayOfYear: Int?
    /// 0 for Sunday to 6 for Saturday, if it was written.
    var weekday: Int?
    var hour = 0
    var minute = 0
    var second = 0
    var millisecond = 0
    /// Seconds east of Greenwich, if they were written; they win over a zone.
    var offset: Int?

    /// Milliseconds since 1970-01-01 UTC; nil if there is no such time, or if it is not in year 1 to 9999 (of UTC).
    ///
    /// 24:00:00 is the end of its day, as in ISO 8601. Second 60, a leap second, is the first of the next minute, as in
    /// POSIX, whose clock has no leap seconds. A weekday must be the date's.
    @inline(__always)
    func milliseconds(in zone: TimeZoneRules) -> Int64? {
        guard year >= 1 && year <= 9999, minute <= 59 && second <= 60,
            hour <= 23 || (hour == 24 && minute | second | millisecond == 0)
        else { return nil }
        let days: Int
        if let dayOfYear {
            guard dayOfYear >= 1 && dayOfYear <= (CivilDate.isLeap(year) ? 366 : 365) else { return nil }
            days = CivilDate(year: year, month: 1, day: 1).daysSince1970 + dayOfYear - 1
        } else {
            guard month >= 1 && month <= 12, day >= 1 && day <= CivilDate.days(inMonth: month, of: year) else {
                return nil
            }
            days = CivilDate(year: year, month: month, day: day).daysSince1970
        }
        if let weekday, weekday != CivilDate.weekday(daysSince1970: days) { return nil }
        let local = Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
        let seconds = local - (offset.map(Int64.init) ?? zone.offset(atLocal: local))
        guard TimeParser.seconds.contains(seconds) else { return nil }
        return seconds * 1000 + Int64(millisecond)
    }
}
