/// Durations by size, in constant memory: quantiles are exact to one part in 32.
struct DurationHistogram: Sendable, Hashable {
    /// Intervals of one octave, that is of durations from 2ⁿ to 2ⁿ⁺¹ nanoseconds.
    private static let steps = 32

    /// Durations an interval: of 0 to 63 ns one a nanosecond, then `steps` an octave.
    private var counts: [Int] = []
    private(set) var count = 0
    private var sum = 0
    /// The longest, in nanoseconds.
    private(set) var longest = 0

    /// Counts a duration of some nanoseconds; a negative one as 0.
    mutating func add(nanoseconds: Int) {
        let duration = max(0, nanoseconds)
        let place = Self.place(of: duration)
        if place >= counts.count { counts.append(contentsOf: repeatElement(0, count: place + 1 - counts.count)) }
        counts[place] += 1
        count += 1
        sum &+= duration
        longest = max(longest, duration)
    }

    /// Counts all that `other` did.
    mutating func add(_ other: DurationHistogram) {
        if other.counts.count > counts.count {
            counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
        }
        for (place, count) in other.counts.enumerated() { counts[place] += count }
        count += other.count
        sum &+= other.sum
        longest = max(longest, other.longest)
    }

    /// The mean in nanoseconds; nil without durations.
    var mean: Double? { count > 0 ? Double(sum) / Double(count) : nil }

    /// The nanoseconds that a share of the durations does not pass: the interval's end, and no more than the longest. Nil
    /// without durations.
    func quantile(_ share: Double) -> Int? {
        guard count > 0 else { return nil }
        let wanted = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (place, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return min(longest, Self.end(of: place)) }
        }
        return longest
    }

    private static func place(of duration: Int) -> Int {
        guard duration >= 2 * steps else { return duration }
        // The five bits behind the highest, octave by octave.
        let octave = Int.bitWidth - 1 - duration.leadingZeroBitCount - 5
        return octave * steps + (duration >> octave)
    }

    /// The last duration of an interval.
    private static func end(of place: Int) -> Int {
        guard place >= 2 * steps else { return place }
        let octave = place / steps - 1
        return ((place - octave * steps + 1) << octave) - 1
    }
}
