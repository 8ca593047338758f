import Testing

@testable import LogIngest

struct CivilDateTests {
    /// Counted day by day, by the rule of leap years alone.
    @Test
    func countsEveryDayOfYears1To9999() {
        var days = -719_162
        var failures = 0
        for year in 1...9999 {
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            for month in 1...12 {
                if CivilDate.days(inMonth: month, of: year) != lengths[month - 1] { failures += 1 }
                for day in [1, 2, 15, lengths[month - 1]] {
                    let date = CivilDate(year: year, month: month, day: day)
                    if date.daysSince1970 != days + day - 1 { failures += 1 }
                    if CivilDate(daysSince1970: days + day - 1) != date { failures += 1 }
                }
                days += lengths[month - 1]
            }
        }
        #expect(failures == 0)
        #expect(days == 2_932_897)
    }

    @Test
    func knowsWeekdays() {
        #expect(CivilDate.weekday(daysSince1970: 0) == 4)
        #expect(CivilDate.weekday(daysSince1970: CivilDate(year: 2000, month: 2, day: 29).daysSince1970) == 2)
        #expect(CivilDate.weekday(daysSince1970: CivilDate(year: 1, month: 1, day: 1).daysSince1970) == 1)
    }
}
