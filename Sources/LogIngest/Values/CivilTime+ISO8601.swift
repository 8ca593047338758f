extension CivilTime {
    /// A date, or a date and a time, by ISO 8601, all of `text`: `2019-11-12`, `2019-11-12T02:14`,
    /// `2019-11-12T02:14:46.125+08:00`, or without hyphens and colons, `20191112T021446`. As in RFC 3339, a space or a
    /// small letter may stand for the `T`. The offset's form is free. No weeks, no days of the year, no more than four
    /// digits of a year.
    @inline(__always)
    init?(iso8601 text: Span<UInt8>) {
        var index = 0
        guard let century = text.twoDigits(from: &index), let ofCentury = text.twoDigits(from: &index) else {
            return nil
        }
        year = century * 100 + ofCentury
        let isExtended = text.skips(UInt8(ascii: "-"), at: &index)
        guard let month = text.twoDigits(from: &index), !isExtended || text.skips(UInt8(ascii: "-"), at: &index),
            let day = text.twoDigits(from: &index)
        else { return nil }
        self.month = month
        self.day = day
        if index == text.count { return }
        guard text[index] | 0x20 == UInt8(ascii: "t") || text[index] == UInt8(ascii: " ") else { return nil }
        index += 1
        guard let hour = text.twoDigits(from: &index), !isExtended || text.skips(UInt8(ascii: ":"), at: &index),
            let minute = text.twoDigits(from: &index)
        else { return nil }
        self.hour = hour
        self.minute = minute
        if index == text.count { return }
        if isExtended ? text.skips(UInt8(ascii: ":"), at: &index) : text[index] &- 0x30 <= 9 {
            guard let second = text.twoDigits(from: &index) else { return nil }
            self.second = second
            if text.skips(UInt8(ascii: "."), at: &index) || text.skips(UInt8(ascii: ","), at: &index) {
                guard let millisecond = text.thousandths(from: &index) else { return nil }
                self.millisecond = millisecond
            }
            if index == text.count { return }
        }
        guard let offset = text.offset(from: &index), index == text.count else { return nil }
        self.offset = offset
    }
}
