extension Chart {
    /// A figure's picture as an SVG file of its own, with the colours of the reader's theme.
    static func file(_ figure: String) -> [UInt8] {
        guard let start = figure.firstRange(of: "<svg "), let head = figure[start.upperBound...].firstIndex(of: ">"),
            let end = figure.firstRange(of: "</svg>")
        else { return [] }
        let attributes = figure[start.upperBound..<head]
        let picture = figure[figure.index(after: head)..<end.upperBound]
        return Array(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(attributes)><style>\(ReportPage.style)\(fileStyle)</style>\(picture)\n"
                .utf8)
    }

    private static let fileStyle = "svg{background:var(--paper)}"
}
