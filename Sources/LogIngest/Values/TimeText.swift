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

    /// Two digits, or one if `mayBeShort` and no other follows.
    @inline(__always)
    func oneOrTwoDigits(from index: inout Int, mayBeShort: Bool) -> Int? {
        guard index < count else { return nil }
        let first = self[index] &- 0x30
        let second = index < count - 1 ? self[index + 1] &- 0x30 : 10
        let isLong = second <= 9
        guard first <= 9, isLong || mayBeShort else { return nil }
        // Both are chosen without a jump: how many digits there are is anyone's guess.
        index += isLong ? 2 : 1
        return isLong ? Int(first) * 10 + Int(second) : Int(first)
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
