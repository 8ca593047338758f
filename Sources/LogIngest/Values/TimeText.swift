/// What times are written of. Each reads from `index` on and moves it behind what it read; nil if that is not there.
extension Span<UInt8> {
    /// Two digits, no fewer.
    @inline(__always)
    func twoDigits(from index: inout Int) -> Int? {
        guard index <= count - 2 else { return nil }
        let tens = self[index] &- 0x30
        let ones = self[index + 1] &- 0x30
        guard tens <= 9 && ones <= 9 else { return nil }
        index += 2
        return Int(tens) * 10 + Int(ones)
    }

    /// As many digits as there are, up to `most`, which is at most 4; no fewer than `least`.
    @inline(__always)
    func digits(from index: inout Int, least: Int, most: Int) -> Int? {
        let end = Swift.min(count, index + most)
        let start = index
        var value = 0
        while index < end {
            let digit = self[index] &- 0x30
            guard digit <= 9 else { break }
            value = value &* 10 &+ Int(digit)
            index += 1
        }
        return index - start >= least ? value : nil
    }

    /// The digits of a fraction, at least one, in thousandths; what is less than one is cut off.
    @inline(__always)
    func thousandths(from index: inout Int) -> Int? {
        let start = index
        var value = 0
        var weight = 100
        while index < count {
            let digit = self[index] &- 0x30
            guard digit <= 9 else { break }
            value += weight * Int(digit)
            weight /= 10
            index += 1
        }
        return index > start ? value : nil
    }

    /// `Z`, `+08`, `+0800` or `+08:00`, less than a day, in seconds east of Greenwich.
    @inline(__always)
    func offset(from index: inout Int) -> Int? {
        guard index < count else { return nil }
        let sign = self[index]
        index += 1
        if sign | 0x20 == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let hours = twoDigits(from: &index), hours <= 23
        else { return nil }
        var minutes = 0
        if index < count, self[index] == UInt8(ascii: ":") || self[index] &- 0x30 <= 9 {
            _ = skips(UInt8(ascii: ":"), at: &index)
            guard let read = twoDigits(from: &index), read <= 59 else { return nil }
            minutes = read
        }
        let seconds = hours * 3600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    /// Whether `byte` stands at `index`; if so, moves behind it.
    @inline(__always)
    func skips(_ byte: UInt8, at index: inout Int) -> Bool {
        guard index < count, self[index] == byte else { return false }
        index += 1
        return true
    }
}
