/// A zone as POSIX's variable `TZ` has it, with RFC 8536's extension, hours from -167 to 167:
/// `EST5EDT,M3.2.0,M11.1.0`, `<+1030>-10:30<+11>-11,M10.1.0,M4.1.0`.
struct PosixTimeZone: Sendable {
    /// Standard time, in seconds east of Greenwich.
    let offset: Int
    /// Nil if clocks are never changed.
    let summer: Summer?

    /// The other time of the year; not always in summer, nor always ahead.
    struct Summer: Sendable {
        /// Seconds east of Greenwich.
        var offset: Int
        fileprivate var start: Moment
        fileprivate var end: Moment

        /// The two changes that a year has; ascending.
        func changes(in year: Int, standardOffset: Int) -> [TimeZoneFile.Change] {
            let toSummer = TimeZoneFile.Change(time: start.seconds(in: year) - Int64(standardOffset), offset: offset)
            let toStandard = TimeZoneFile.Change(time: end.seconds(in: year) - Int64(offset), offset: standardOffset)
            return toSummer.time <= toStandard.time ? [toSummer, toStandard] : [toStandard, toSummer]
        }
    }

    /// A moment of every year, by the clock as it is before the change.
    fileprivate struct Moment: Sendable {
        var day: Day
        /// Seconds after the day's midnight, or before if negative.
        var time: Int

        func seconds(in year: Int) -> Int64 { Int64(day.days(in: year) * 86_400 + time) }
    }

    fileprivate enum Day: Sendable {
        /// 1 to 365; 29 February is not counted.
        case ofPlainYear(Int)
        /// 0 to 365.
        case ofYear(Int)
        /// `week` 1 to 5, 5 for the last; `weekday` 0 for Sunday.
        case ofMonth(Int, week: Int, weekday: Int)

        /// Days since 1970-01-01.
        func days(in year: Int) -> Int {
            let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
            switch self {
            case .ofPlainYear(let day): return newYear + day - (day >= 60 && CivilDate.isLeap(year) ? 0 : 1)
            case .ofYear(let day): return newYear + day
            case .ofMonth(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, day: 1).daysSince1970
                let firstSuch = (weekday - CivilDate.weekday(daysSince1970: first) + 7) % 7
                let day = firstSuch + (week - 1) * 7
                return first + (day < CivilDate.days(inMonth: month, of: year) ? day : day - 7)
            }
        }
    }

    /// Nil if `text` is no such zone, or leaves the rule out.
    init?(_ text: some Collection<UInt8>) {
        var reader = Reader(rest: Array(text)[...])
        guard reader.skipName(), let west = reader.time(mostHours: 24) else { return nil }
        offset = -west
        if reader.rest.isEmpty {
            summer = nil
            return
        }
        guard reader.skipName() else { return nil }
        var summerOffset = offset + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let west = reader.time(mostHours: 24) else { return nil }
            summerOffset = -west
        }
        guard let start = reader.moment(), let end = reader.moment(), reader.rest.isEmpty else { return nil }
        summer = Summer(offset: summerOffset, start: start, end: end)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// `EST`, `<+1030>`.
        mutating func skipName() -> Bool {
            if skip("<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                rest = rest[(end + 1)...]
                return true
            }
            let name = rest.prefix { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
            rest = rest.dropFirst(name.count)
            return name.count >= 3
        }

        /// A number of at most three digits.
        mutating func number(in range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix(3).prefix { $0 &- 0x30 <= 9 }
            rest = rest.dropFirst(digits.count)
            let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            return !digits.isEmpty && range.contains(value) ? value : nil
        }

        /// `5`, `-10:30`, `+1:02:03`, in seconds.
        mutating func time(mostHours: Int) -> Int? {
            let isNegative = skip("-")
            if !isNegative { _ = skip("+") }
            guard let hours = number(in: 0...mostHours) else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where skip(":") {
                guard let value = number(in: 0...59) else { return nil }
                seconds += value * unit
            }
            return isNegative ? -seconds : seconds
        }

        /// `,M3.2.0`, `,J60/2`, `,59/-1:30`.
        mutating func moment() -> Moment? {
            guard skip(",") else { return nil }
            let day: Day
            if skip("M") {
                guard let month = number(in: 1...12), skip("."), let week = number(in: 1...5), skip("."),
                    let weekday = number(in: 0...6)
                else { return nil }
                day = .ofMonth(month, week: week, weekday: weekday)
            } else if skip("J") {
                guard let number = number(in: 1...365) else { return nil }
                day = .ofPlainYear(number)
            } else {
                guard let number = number(in: 0...365) else { return nil }
                day = .ofYear(number)
            }
            guard skip("/") else { return Moment(day: day, time: 7200) }
            guard let time = time(mostHours: 167) else { return nil }
            return Moment(day: day, time: time)
        }
    }
}
