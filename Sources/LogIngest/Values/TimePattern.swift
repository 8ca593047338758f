/// A pattern of `strptime`'s kind as steps, one for each piece of the text. `IngestSettings.TimeFormat.pattern` says what
/// it can hold.
struct TimePattern: Sendable {
    /// One piece. Trivial, so that running through them touches no reference count.
    struct Step: Sendable {
        var piece: Piece
        /// The byte itself, for `literal`.
        var byte: UInt8 = 0
        /// Whether a number may have fewer digits than it has at most: not if it touches another.
        var mayBeShort = true
    }

    /// What a step reads.
    enum Piece: UInt8, Sendable {
        case literal, whiteSpace
        case year, yearOfCentury, month, monthName, day, dayOfYear, weekday
        case hour, hourOfHalfDay, halfDay, minute, second, fraction, offset
    }

    /// At least one.
    let steps: [Step]

    /// Whether texts say their own offset.
    var readsOffset: Bool { steps.contains { $0.piece == .offset } }

    /// The time that `text`, all of it, says; nil if it does not match.
    @inline(__always)
    func time(_ text: Span<UInt8>) -> CivilTime? {
        var time = CivilTime()
        var isAfternoon = false
        var hourOfHalfDay: Int?
        var index = 0
        let steps = steps.span
        for place in steps.indices {
            let step = steps[place]
            switch step.piece {
            case .literal:
                guard text.skips(step.byte, at: &index) else { return nil }
            case .whiteSpace:
                let start = index
                while index < text.count, Self.isWhiteSpace(text[index]) { index += 1 }
                guard index > start else { return nil }
            case .year:
                guard let century = text.twoDigits(from: &index), let ofCentury = text.twoDigits(from: &index) else {
                    return nil
                }
                time.year = century * 100 + ofCentury
            case .yearOfCentury:
                guard let year = text.twoDigits(from: &index) else { return nil }
                // As POSIX has it.
                time.year = year < 69 ? 2000 + year : 1900 + year
            case .month:
                guard let month = text.oneOrTwoDigits(from: &index, mayBeShort: step.mayBeShort) else { return nil }
                time.month = month
            case .monthName:
                guard let month = NameList.months.name(in: text, from: &index) else { return nil }
                time.month = month + 1
            case .day:
                guard let day = text.oneOrTwoDigits(from: &index, mayBeShort: step.mayBeShort) else { return nil }
                time.day = day
            case .dayOfYear:
                let start = index
                var day = 0
                while index < text.count, index < start + 3, text[index] &- 0x30 <= 9 {
                    day = day * 10 + Int(text[index] &- 0x30)
                    index += 1
                }
                guard index > start, step.mayBeShort || index == start + 3 else { return nil }
                time.dayOfYear = day
            case .weekday:
                guard let weekday = NameList.weekdays.name(in: text, from: &index) else { return nil }
                time.weekday = weekday
            case .hour:
                guard let hour = text.oneOrTwoDigits(from: &index, mayBeShort: step.mayBeShort) else { return nil }
                time.hour = hour
            case .hourOfHalfDay:
                guard let hour = text.oneOrTwoDigits(from: &index, mayBeShort: step.mayBeShort), hour >= 1 && hour <= 12
                else { return nil }
                hourOfHalfDay = hour
            case .halfDay:
                guard index <= text.count - 2, text[index + 1] | 0x20 == UInt8(ascii: "m") else { return nil }
                isAfternoon = text[index] | 0x20 == UInt8(ascii: "p")
                guard text[index] | 0x20 == (isAfternoon ? UInt8(ascii: "p") : UInt8(ascii: "a")) else { return nil }
                index += 2
            case .minute:
                guard let minute = text.oneOrTwoDigits(from: &index, mayBeShort: step.mayBeShort) else { return nil }
                time.minute = minute
            case .second:
                guard let second = text.oneOrTwoDigits(from: &index, mayBeShort: step.mayBeShort) else { return nil }
                time.second = second
            case .fraction:
                guard let millisecond = text.thousandths(from: &index) else { return nil }
                time.millisecond = millisecond
            case .offset:
                guard let offset = text.offset(from: &index) else { return nil }
                time.offset = offset
            }
        }
        guard index == text.count else { return nil }
        if let hourOfHalfDay { time.hour = hourOfHalfDay % 12 + (isAfternoon ? 12 : 0) }
        return time
    }

    /// Space, and tab to carriage return.
    @inline(__always)
    static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}
