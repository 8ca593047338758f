/// Lengths and places drawn with characters, for a terminal.
enum TextBar {
    /// A bar of a share, 0 to 1, of `cells` cells, in eighths of a cell; the least share, too, is to be seen. Padded to all cells.
    static func bar(_ share: Double, cells: Int) -> String {
        let eighths = max(1, Int((min(1, max(0, share)) * Double(cells * 8)).rounded()))
        let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let bar = String(repeating: "█", count: eighths / 8) + part
        return bar + String(repeating: " ", count: cells - bar.count)
    }

    /// A value and its interval on a line of `2 * reach + 1` cells, 0 in the middle and `most` at both ends. What is not 0 stands
    /// beside the middle, however small it is: there it would look as if it could have the other sign.
    static func mark(_ value: Double, _ interval: ClosedRange<Double>, most: Double, reach: Int) -> String {
        func cell(_ value: Double) -> Int {
            if most == 0 || value == 0 { return 0 }
            let cells = Int((min(1, abs(value / most)) * Double(reach)).rounded())
            return value < 0 ? -max(1, cells) : max(1, cells)
        }
        let covered = cell(interval.lowerBound)...cell(interval.upperBound)
        return (-reach...reach).map { place in
            switch place {
            case cell(value): "●"
            case 0: covered.contains(0) ? "┼" : "│"
            default: covered.contains(place) ? "─" : " "
            }
        }.joined()
    }
}
