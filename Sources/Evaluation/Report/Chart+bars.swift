extension Chart {
    /// A length and what it is, in words.
    struct Bar {
        let label: String
        /// 0 or more.
        let value: Double
        let text: String
    }

    /// Lengths from 0 on, a row each, with their numbers beside them.
    static func bars(title: String, description: String, _ bars: [Bar]) -> Figure {
        let (width, left, right, rowHeight) = (720.0, 170.0, 110.0, 26.0)
        let height = Double(bars.count) * rowHeight + 8
        let most = Swift.max(bars.map(\.value).max() ?? 0, 1e-9)
        var svg = ""
        for (index, bar) in bars.enumerated() {
            let y = Double(index) * rowHeight + 4
            let length = bar.value / most * (width - left - right)
            svg += text(left - 10, y + 17, bar.label, "end")
            svg += "<rect class=\"bar\" x=\"\(short(left))\" y=\"\(short(y + 3))\""
            svg += " width=\"\(short(length))\" height=\"\(short(rowHeight - 6))\"/>"
            svg += text(left + length + 8, y + 17, bar.text, "start")
        }
        return figure(title, description, width, height, svg + line(left, 0, left, height, "axis"))
    }
}
