#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Chart {
    /// A curve with intervals over counts of 1 and more.
    struct Curve {
        let name: String
        /// The place of its colour among the page's.
        let color: Int
        /// In rising order of `x`.
        let points: [Point]

        struct Point {
            let x: Double
            let y: Double
            let interval: ClosedRange<Double>?
            /// What it shows, in words, for a pointer that rests on it.
            let note: String
        }
    }

    /// Differences over counts on a logarithmic axis, a line at 0. Curves share their points' places: each stands a little beside
    /// the others, so that intervals do not hide each other.
    static func curves(title: String, description: String, axis: String, _ curves: [Curve]) -> Figure {
        let points = curves.flatMap(\.points)
        let (width, left, top) = (720.0, 64.0, Double(curves.count) * 20 + 12)
        let height = top + 300
        guard let first = points.map(\.x).min(), let last = points.map(\.x).max() else {
            return figure(title, description, width, height, "")
        }
        let floor = height - 48
        // Room on both sides: a range even where all points have one place.
        let (low, high) = (log(first / 1.15), log(last * 1.15))
        let ends = points.flatMap { [$0.y, $0.interval?.lowerBound, $0.interval?.upperBound].compactMap(\.self) }
        let (least, greatest) = padded(Swift.min(0, ends.min() ?? 0), Swift.max(0, ends.max() ?? 0))
        func x(_ value: Double) -> Double { left + (log(value) - low) / (high - low) * (width - left - 16) }
        func y(_ value: Double) -> Double { floor - (value - least) / (greatest - least) * (floor - top) }
        var svg = ""
        for tick in ticks(least, greatest) {
            svg += line(left, y(tick), width - 16, y(tick), tick == 0 ? "zero" : "grid")
            svg += text(left - 8, y(tick) + 4, label(tick, signed: true), "end")
        }
        for tick in logarithmicTicks(first / 1.15, last * 1.15) {
            svg += line(x(tick), top, x(tick), floor, "grid")
            svg += text(x(tick), floor + 18, label(tick, signed: false), "middle")
        }
        svg += text((left + width - 16) / 2, height - 8, axis, "middle")
        for (index, curve) in curves.enumerated() {
            let aside = (Double(index) - Double(curves.count - 1) / 2) * 8
            let kind = "series s\(curve.color)"
            let line = curve.points.map { "\(short(x($0.x) + aside)),\(short(y($0.y)))" }.joined(separator: " ")
            svg += "<polyline class=\"\(kind)\" points=\"\(line)\"/>"
            for point in curve.points {
                let place = x(point.x) + aside
                svg += "<g><title>\(HTMLText.escaped(point.note))</title>"
                if let interval = point.interval {
                    svg += Self.line(
                        place, y(interval.lowerBound), place, y(interval.upperBound), "span s\(curve.color)")
                }
                svg += "<circle class=\"\(kind) full\" cx=\"\(short(place))\" cy=\"\(short(y(point.y)))\" r=\"4\"/></g>"
            }
            let height = Double(index) * 20 + 14
            svg += Self.line(left, height, left + 24, height, kind)
            svg += text(left + 32, height + 4, curve.name, "start")
        }
        return figure(title, description, width, height, svg)
    }

    /// Round whole numbers within a range of positive ones, at about equal distances of their logarithms where it is wide.
    static func logarithmicTicks(_ least: Double, _ greatest: Double) -> [Double] {
        let powers = Array(sequence(first: 1.0) { $0 * 10 < greatest ? $0 * 10 : nil })
        func within(_ factors: [Double]) -> [Double] {
            powers.flatMap { power in factors.map { $0 * power } }.filter { $0 >= least && $0 <= greatest }
        }
        let found = within([1, 2, 5])
        if found.count > 9 { return within([1]) }
        if found.count > 2 { return found }
        let whole = ticks(least, greatest).filter { $0 == $0.rounded() }
        return whole.count > found.count ? whole : found
    }
}
