import ByteStreams
import Samples

/// A log of clicks, whole in memory: what was clicked, and, where a click counts only for a while, when.
///
/// A click is a place from 0 on. Those with one key have neighbouring places, in order of time; two with one key and time
/// are one. A key takes its bytes and 50 to 100 more in memory, a click with a time 8 more, and 20 while the click log is
/// read.
struct ClickTable: Sendable {
    private var keys = KeyDictionary()
    /// The clicks' times in milliseconds; empty where they don't matter.
    private var times: [Int64] = []
    /// The clicks of key `i` are `ends[i - 1]..<ends[i]`; empty where times don't matter, as each key is then one click.
    private var ends: [UInt32] = []
    /// How long after a sample a click counts, in milliseconds; nil if always.
    private let window: Int64?

    /// Number of clicks, those that stand there twice counted once.
    var count: Int { window == nil ? keys.count : times.count }

    /// Reads the click log to its end. Throws `data` for a row that cannot be read.
    init(
        _ clicks: IngestSettings.ClickLog, of settings: IngestSettings, cancellation: Cancellation, report: IngestReport
    ) throws(StageError) {
        guard let source = settings.source(clicks.source) else { preconditionFailure("settings are validated") }
        window = clicks.window?.milliseconds
        var timeParser: TimeParser?
        if let window = clicks.window { timeParser = try TimeParser(window.time) }
        var reader = RecordReader(
            source, wanted: clicks.columns, limits: settings.limits, cancellation: cancellation, report: report)
        var compound = CompoundKey()
        var found = Found()
        while let block = try reader.next() {
            guard let places = reader.stream?.places else { continue }
            let keyColumns = Array(places[..<clicks.key.count])
            var fault = block.faults.first
            for row in 0..<block.count {
                if let timeParser, let column = clicks.window?.time.column, let place = places.last {
                    guard let time = timeParser.milliseconds(block.bytes.span.extracting(block.range(row, place)))
                    else {
                        let bad = FieldFault(block, row, place, column, mustBe: timeParser.expectation)
                        let first = block.fault(row, column: place, bad.message)
                        fault = [fault, first].compactMap(\.self).min { $0.start < $1.start }
                        break
                    }
                    found.times.append(time)
                }
                // Clicks without a key match nothing, but they are there: with the empty key, which nobody asks for.
                let id = compound.withKey(of: block, row: row, columns: keyColumns) { keys.id(of: $0) }
                if window != nil { found.keys.append(id) }
            }
            if let fault { throw reader.error(fault, in: block) }
            if keys.isNearlyFull || found.keys.count > Self.mostClicks || keys.count > Self.mostClicks {
                throw StageError(.environment, "the click log does not fit in memory", at: reader.stream?.position)
            }
        }
        if window != nil { group(found) }
    }

    /// The clicks that a sample with `key` at `time` has; nil if it has none, as one with an empty key.
    @inline(__always)
    func clicks(on key: Span<UInt8>, at time: Int64) -> Range<UInt32>? {
        let id = key.isEmpty ? 0 : keys.find(key)
        if id == 0 { return nil }
        guard let window else { return (id - 1)..<id }
        let all = Int(ends[Int(id) - 1])..<Int(ends[Int(id)])
        let first = firstClick(in: all, notBefore: time)
        // Times are of years 1 to 9999 and a window is a hundred years at most, so sums stay far from overflow.
        let end = firstClick(in: first..<all.upperBound, notBefore: time + window + 1)
        return first < end ? UInt32(truncatingIfNeeded: first)..<UInt32(truncatingIfNeeded: end) : nil
    }

    private static let mostClicks = 1 << 30

    /// The clicks in the order in which they were read.
    private struct Found {
        var keys: [UInt32] = []
        var times: [Int64] = []
    }

    /// Brings clicks with one key together, in order of time, and leaves out those that stand there twice.
    private mutating func group(_ found: consuming Found) {
        // `next[i]` counts the clicks of key `i + 1`, then becomes where the next of key `i` goes.
        var next = [UInt32](repeating: 0, count: keys.count + 2)
        for key in found.keys { next[Int(key) + 1] += 1 }
        for key in next.indices.dropFirst() { next[key] += next[key - 1] }
        times = Array(repeating: 0, count: found.times.count)
        for (click, key) in found.keys.enumerated() {
            times[Int(next[Int(key)])] = found.times[click]
            next[Int(key)] += 1
        }
        // Now `next[i]` is where the clicks of key `i` end.
        ends = [0]
        ends.reserveCapacity(keys.count + 1)
        var start = 0
        var kept = 0
        for key in 0..<keys.count {
            let end = Int(next[key + 1])
            if end - start > 1 { times[start..<end].sort() }
            for click in start..<end where click == start || times[click] != times[kept - 1] {
                times[kept] = times[click]
                kept += 1
            }
            ends.append(UInt32(truncatingIfNeeded: kept))
            start = end
        }
        times.removeLast(times.count - kept)
    }

    /// The first of some clicks with one key that is not before `time`; the range's end if all are.
    private func firstClick(in range: Range<Int>, notBefore time: Int64) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
