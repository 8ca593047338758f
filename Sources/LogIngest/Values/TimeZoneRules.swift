/// How far a zone's clocks were from UTC, by what they showed.
///
/// Where clocks are put forward, what they skipped is read as if they had not been put forward yet, so it comes out later by
/// as much as they skipped; where they are put back, what they showed twice is the first of the two. Both mean: at a
/// change the old offset counts until the clock shows the later of two times, the change's by the old offset and by the
/// new. So one sorted table of what clocks showed has the answer.
struct TimeZoneRules: Sendable {
    /// Seconds as clocks showed them, counted from 1970-01-01 00:00; ascending.
    private var starts: [Int64] = []
    /// Seconds east of Greenwich: the first before all of `starts`, then one from each start on.
    private var offsets: [Int64]
    /// Where the table ends: with one round of the calendar by the rule for the future. `Int64.max` if there is no such
    /// rule, so that the last offset stays.
    private var roundEnd = Int64.max

    /// 400 years, after which dates and weekdays come again.
    private static let round: Int64 = 146_097 * 86_400

    static let utc = TimeZoneRules(offset: 0)

    /// One offset at all times, in seconds east of Greenwich.
    init(offset: Int) {
        offsets = [Int64(offset)]
    }

    /// What a zone's file says.
    init(_ file: TimeZoneFile) {
        self.init(offset: file.firstOffset)
        for change in file.changes { append(change) }
        guard let rule = file.footer?.summer, let footer = file.footer else { return }
        let last = file.changes.last?.time ?? TimeParser.seconds.lowerBound
        guard last <= TimeParser.seconds.upperBound else { return }
        // Perhaps the year before: the division rounds towards 1970.
        let year = CivilDate(daysSince1970: Int(max(last, TimeParser.seconds.lowerBound) / 86_400) - 1).year
        for year in year...(year + 402) {
            for change in rule.changes(in: year, standardOffset: footer.offset) where change.time > last {
                append(change)
            }
        }
        roundEnd = Int64(CivilDate(year: year + 402, month: 1, day: 1).daysSince1970) * 86_400
    }

    private mutating func append(_ change: TimeZoneFile.Change) {
        let offset = Int64(change.offset)
        // Two changes within hours of each other: what the first one brought was over before a clock could tell.
        while true {
            let start = change.time + max(offsets[offsets.count - 1], offset)
            guard let last = starts.last, last >= start else {
                starts.append(start)
                offsets.append(offset)
                return
            }
            starts.removeLast()
            offsets.removeLast()
        }
    }

    /// Seconds that are to be taken from what a clock showed, to make it UTC.
    @inline(__always)
    func offset(atLocal seconds: Int64) -> Int64 {
        starts.isEmpty ? offsets[0] : lookedUpOffset(atLocal: seconds)
    }

    private func lookedUpOffset(atLocal seconds: Int64) -> Int64 {
        var seconds = seconds
        if seconds >= roundEnd { seconds -= ((seconds - roundEnd) / Self.round + 1) * Self.round }
        let starts = starts.span
        // As many steps for any time, and none that a processor would have to guess.
        var low = 0
        var count = starts.count
        while count > 0 {
            let half = (count + 1) / 2
            low = starts[low + half - 1] <= seconds ? low + half : low
            count -= half
        }
        return offsets[low]
    }
}
