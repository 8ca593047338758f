/// Charts as inline SVG, with a title and a description for those who cannot see them. Colours are the page's.
enum Chart {
    /// Points with their intervals, a row each, and a line at 0.
    struct Row {
        let label: String
        let value: Double?
        let interval: ClosedRange<Double>?
        /// Whether the interval says something: drawn strong.
        let isSure: Bool
    }

    /// A line through points in rising order of x.
    struct Line {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    /// Differences with intervals, a row each.
    static func intervals(title: String, description: String, _ rows: [Row]) -> Figure {
        let (width, left, right, rowHeight) = (720.0, 300.0, 20.0, 22.0)
        let height = Double(rows.count) * rowHeight + 34
        let ends = rows.flatMap { row in
            [row.value, row.interval?.lowerBound, row.interval?.upperBound].compactMap(\.self)
        }
        let (least, greatest) = padded(Swift.min(0, ends.min() ?? 0), Swift.max(0, ends.max() ?? 0))
        func x(_ value: Double) -> Double { left + (value - least) / (greatest - least) * (width - left - right) }
        var svg = ""
        for tick in ticks(least, greatest) {
            svg += line(x(tick), 4, x(tick), height - 24, tick == 0 ? "zero" : "grid")
            svg += text(x(tick), height - 8, label(tick, signed: true), "middle")
        }
        for (index, row) in rows.enumerated() {
            let y = Double(index) * rowHeight + 16
            svg += text(left - 10, y + 4, row.label, "end")
            guard let value = row.value else { continue }
            let kind = row.isSure ? "mark sure" : "mark"
            if let interval = row.interval {
                svg += line(x(interval.lowerBound), y, x(interval.upperBound), y, kind)
            }
            svg += "<circle class=\"\(kind)\" cx=\"\(short(x(value)))\" cy=\"\(short(y))\" r=\"4\"/>"
        }
        return figure(title, description, width, height, svg)
    }

    /// How many values lie in each of `bins` parts of equal width.
    static func histogram(title: String, description: String, _ values: [Double], bins: Int = 40) -> Figure {
        let (width, height, left, bottom) = (720.0, 240.0, 50.0, 28.0)
        guard let least = values.min(), let greatest = values.max() else {
            return figure(title, description, width, height, "")
        }
        let (padLow, padHigh) = padded(Swift.min(0, least), Swift.max(0, greatest))
        // 0 in the middle of a bin: what does not change stands on neither side.
        let step = (padHigh - padLow) / Double(bins - 1)
        let low = -((-padLow / step - 0.5).rounded(.up) + 0.5) * step
        let high = low + step * Double(bins)
        var counts = [Int](repeating: 0, count: bins)
        for value in values { counts[Swift.min(bins - 1, Int((value - low) / (high - low) * Double(bins)))] += 1 }
        let most = Double(Swift.max(1, counts.max() ?? 1))
        func x(_ value: Double) -> Double { left + (value - low) / (high - low) * (width - left - 20) }
        func y(_ count: Double) -> Double { height - bottom - count / most * (height - bottom - 16) }
        var svg = ""
        for tick in ticks(0, most) where tick == tick.rounded() {
            svg += line(left, y(tick), width - 20, y(tick), "grid")
            svg += text(left - 8, y(tick) + 4, "\(Int(tick))", "end")
        }
        for (bin, count) in counts.enumerated() where count > 0 {
            let (from, to) = (
                low + (high - low) * Double(bin) / Double(bins), low + (high - low) * Double(bin + 1) / Double(bins)
            )
            svg += "<rect class=\"bar\" x=\"\(short(x(from) + 0.5))\" y=\"\(short(y(Double(count))))\""
            svg += " width=\"\(short(Swift.max(1, x(to) - x(from) - 1)))\""
            svg += " height=\"\(short(height - bottom - y(Double(count))))\"/>"
        }
        for tick in ticks(low, high) {
            svg += text(x(tick), height - 8, label(tick, signed: true), "middle")
        }
        svg += line(x(0), 8, x(0), height - bottom, "zero")
        return figure(title, description, width, height, svg)
    }

    /// Lines over the unit square, with its diagonal.
    static func calibration(title: String, description: String, _ lines: [Line]) -> Figure {
        let (size, left, bottom) = (420.0, 50.0, 34.0)
        func x(_ value: Double) -> Double { left + value * (size - left - 16) }
        func y(_ value: Double) -> Double { size - bottom - value * (size - bottom - 16) }
        var svg = ""
        for tick in stride(from: 0.0, through: 1, by: 0.2) {
            svg += line(x(0), y(tick), x(1), y(tick), "grid") + line(x(tick), y(0), x(tick), y(1), "grid")
            svg += text(left - 8, y(tick) + 4, label(tick, signed: false), "end")
            svg += text(x(tick), size - 12, label(tick, signed: false), "middle")
        }
        svg += line(x(0), y(0), x(1), y(1), "zero")
        for (index, one) in lines.enumerated() {
            let points = one.points.map { "\(short(x($0.x))),\(short(y($0.y)))" }.joined(separator: " ")
            svg += "<polyline class=\"series s\(index)\" points=\"\(points)\"/>"
            for point in one.points {
                svg +=
                    "<circle class=\"series s\(index)\" cx=\"\(short(x(point.x)))\" cy=\"\(short(y(point.y)))\" r=\"3\"/>"
            }
            let height = Double(index) * 18 + 24
            svg +=
                line(size, height, size + 24, height, "series s\(index)")
                + text(size + 32, height + 4, one.name, "start")
        }
        return figure(title, description, 640, size, svg)
    }

    // MARK: Parts

    static func figure(
        _ title: String, _ description: String, _ width: Double, _ height: Double, _ content: String
    ) -> Figure {
        Figure(title: title, description: description, width: width, height: height, content: content)
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) -> String {
        "<line class=\"\(kind)\" x1=\"\(short(x1))\" y1=\"\(short(y1))\" x2=\"\(short(x2))\" y2=\"\(short(y2))\"/>"
    }

    static func text(_ x: Double, _ y: Double, _ text: String, _ anchor: String) -> String {
        "<text x=\"\(short(x))\" y=\"\(short(y))\" text-anchor=\"\(anchor)\">\(HTMLText.escaped(text))</text>"
    }

    /// A coordinate to a tenth.
    static func short(_ value: Double) -> String { FixedPoint.text(value, decimals: 1) }

    /// Digits that the ticks' distance needs, at most four.
    static func label(_ tick: Double, signed: Bool) -> String {
        var text = signed ? FixedPoint.signedText(tick) : FixedPoint.text(tick)
        while text.contains("."), text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return tick == 0 ? "0" : text
    }

    /// A range with some room on both sides, never empty.
    static func padded(_ least: Double, _ greatest: Double) -> (Double, Double) {
        let room = Swift.max((greatest - least) * 0.05, 1e-9)
        return (least - room, greatest + room)
    }

    /// Four to ten round numbers within a range.
    static func ticks(_ least: Double, _ greatest: Double) -> [Double] {
        let span = greatest - least
        guard span > 0, span.isFinite else { return [least] }
        var step = 1.0
        while step > span / 4 { step /= 10 }
        while step * 10 < span / 4 { step *= 10 }
        for factor in [5.0, 2.0] where step * factor <= span / 4 {
            step *= factor
            break
        }
        let first = (least / step).rounded(.up)
        return (0...Int((greatest / step).rounded(.down) - first)).map { (first + Double($0)) * step }
    }
}
