/// Numbers from decimal text as logs hold it: ASCII, no spaces, no digit grouping.
extension Int64 {
    /// `-12`, `+12`, `12`; nil for anything else and for what does not fit.
    @inline(__always)
    init?(decimal text: Span<UInt8>) {
        let count = text.count
        guard count > 0 else { return nil }
        let sign = text[0]
        var index = sign == 0x2D || sign == 0x2B ? 1 : 0
        guard index < count else { return nil }
        guard count &- index <= 18 else {
            self.init(longDecimal: text, from: index, isNegative: sign == 0x2D)
            return
        }
        var value: Int64 = 0
        let bytes = text.bytes
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            guard let digits = Self.eightDigits(word) else { return nil }
            value = value &* 100_000_000 &+ digits
            index &+= 8
        }
        while index < count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            index &+= 1
        }
        self = sign == 0x2D ? -value : value
    }

    /// As `init(decimal:)`, for the bytes of `text` in `range`.
    ///
    /// Keys' lengths vary from row to row, so that a loop over their digits would be guessed wrong often: eight are read at
    /// once, with zeros in front of them where there are fewer.
    @inline(__always)
    init?(decimal text: Span<UInt8>, in range: Range<Int>) {
        let count = range.count
        if count > 0 && count <= 8, let value = Self.digits(text, at: range.lowerBound, count: count) {
            self = value
        } else if count > 8 && count <= 16, let high = Self.digits(text, at: range.lowerBound, count: count &- 8),
            let low = Self.digits(text, at: range.upperBound &- 8, count: 8)
        {
            self = high &* 100_000_000 &+ low
        } else {
            // Perhaps with a sign, or at the end of the text.
            self.init(decimal: text.extracting(range))
        }
    }

    /// One to eight digits; nil if one is none, or if there are no eight bytes to load.
    @inline(__always)
    private static func digits(_ text: Span<UInt8>, at start: Int, count: Int) -> Int64? {
        guard start &+ 8 <= text.count else { return nil }
        let word = UInt64(littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
        let missing = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        // The digits move up to where the last ones stand; below them come ASCII zeros.
        return eightDigits(word &<< missing | (0x3030_3030_3030_3030 & ((1 &<< missing) &- 1)))
    }

    /// The number that eight ASCII digits make, the first in the lowest byte; nil if one is no digit. Neighbours are joined
    /// in three steps: to pairs, to fours, to eight.
    @inline(__always)
    private static func eightDigits(_ word: UInt64) -> Int64? {
        let digits = word ^ 0x3030_3030_3030_3030
        // A byte above 9 carries into its high bits when 0x76 is added, or has them already.
        guard ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 == 0 else { return nil }
        let pairs = (digits &* 10 &+ digits &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
        return Int64(truncatingIfNeeded: (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF)
    }

    /// Digits from `index` on, checked for overflow at each.
    private init?(longDecimal text: Span<UInt8>, from index: Int, isNegative: Bool) {
        var value: Int64 = 0
        for position in index..<text.count {
            let digit = text[position] &- 0x30
            guard digit <= 9 else { return nil }
            let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
            // Summed with its sign, so that the least number is reached.
            let signed = isNegative ? -Int64(digit) : Int64(digit)
            let (sum, overflowsToo) = tenfold.addingReportingOverflow(signed)
            if overflows || overflowsToo { return nil }
            value = sum
        }
        self = value
    }
}

extension Double {
    /// `12`, `-1.5`, `.5`, `1e-3`, rounded correctly; nil for anything else, for `nan` and `inf`, and for what does not
    /// fit.
    @inline(__always)
    init?(decimal text: Span<UInt8>) {
        guard let number = DecimalNumber(text) else { return nil }
        if let value = number.exactDouble {
            self = value
        } else {
            self.init(slowly: text)
        }
    }

    /// By the standard library, for text that is known to be a number.
    private init?(slowly text: Span<UInt8>) {
        guard let value = Double(DecimalNumber.string(text)), value.isFinite else { return nil }
        self = value
    }
}

extension Float {
    /// As for `Double`, rounded once, from the decimal number.
    @inline(__always)
    init?(decimal text: Span<UInt8>) {
        guard let number = DecimalNumber(text) else { return nil }
        // A double that lies between two floats, but not in their exact middle, rounds to the one that its decimal number
        // rounds to, too. `exactDouble` is correctly rounded and far from a float's least and greatest exponents if its
        // own stands in -100...100.
        if let value = number.exactDouble, value == 0 || (-100...100).contains(value.exponent),
            value.bitPattern & 0x1FFF_FFFF != 0x1000_0000
        {
            self = Float(value)
        } else {
            guard let value = Float(DecimalNumber.string(text)), value.isFinite else { return nil }
            self = value
        }
    }
}

/// A decimal number taken apart: ±`digits` · 10^`exponent`.
private struct DecimalNumber {
    private var isNegative = false
    /// The digits as one number, if they are at most 19.
    private var digits: UInt64 = 0
    private var isShort = true
    private var exponent = 0

    /// The longest text that is looked at: more digits than any double's exact value has.
    private static let mostBytes = 1100

    @inline(__always)
    init?(_ text: Span<UInt8>) {
        let count = text.count
        guard count > 0 && count <= Self.mostBytes else { return nil }
        var index = 0
        if text[0] == 0x2D || text[0] == 0x2B {
            isNegative = text[0] == 0x2D
            index = 1
        }
        var digitCount = 0
        var significantCount = 0
        var pointSeen = false
        while index < count {
            let byte = text[index]
            let digit = byte &- 0x30
            if digit <= 9 {
                digitCount &+= 1
                if significantCount > 0 || digit != 0 { significantCount &+= 1 }
                digits = digits &* 10 &+ UInt64(digit)
                if pointSeen { exponent &-= 1 }
            } else if byte == 0x2E && !pointSeen {
                pointSeen = true
            } else {
                break
            }
            index &+= 1
        }
        guard digitCount > 0 else { return nil }
        isShort = significantCount <= 19
        if index < count {
            guard text[index] | 0x20 == 0x65, index + 1 < count,
                let written = Int64(decimal: text.extracting((index + 1)...))
            else { return nil }
            // Far beyond any double's: the slow way finds out what it comes to.
            exponent += Int(max(-100_000, min(100_000, written)))
        }
    }

    /// The value where a single rounding finds it (Clinger 1990, "How to read floating point numbers accurately"): digits
    /// and power of ten are both exact doubles.
    @inline(__always)
    var exactDouble: Double? {
        guard isShort && digits <= 1 << 53 && exponent >= -22 && exponent <= 22 else { return nil }
        let magnitude = Double(digits)
        let value =
            exponent == 0
            ? magnitude
            : exponent < 0 ? magnitude / Self.powersOfTen[-exponent] : magnitude * Self.powersOfTen[exponent]
        return isNegative ? -value : value
    }

    static func string(_ text: Span<UInt8>) -> String {
        text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
