extension Chart {
    /// A picture with its title and its description, which stand in the picture, too, for those who cannot see it.
    struct Figure: Sendable, Hashable {
        let title: String
        let description: String
        let width: Double
        let height: Double
        /// What is drawn, as elements of SVG; empty if there is nothing to draw.
        let content: String

        /// The figure in a page that has `Chart.style`; nothing if there is nothing to draw.
        var html: String {
            if content.isEmpty { return "" }
            return """
                <figure><svg \(attributes)>\(elements)</svg>\
                <figcaption><b>\(HTMLText.escaped(title)).</b> \(HTMLText.escaped(description))</figcaption></figure>

                """
        }

        /// The picture as a file of its own, in the colours of the reader's theme.
        var file: [UInt8] {
            Array(
                """
                <svg xmlns="http://www.w3.org/2000/svg" \(attributes)><style>\(Chart.style)svg{background:var(--paper)}</style>\
                \(elements)</svg>

                """.utf8)
        }

        private var attributes: String {
            "viewBox=\"0 0 \(short(width)) \(short(height))\" role=\"img\" style=\"max-width:\(short(width))px\""
        }

        private var elements: String {
            "<title>\(HTMLText.escaped(title))</title><desc>\(HTMLText.escaped(description))</desc>\(content)"
        }
    }

    /// Colours and lines of charts, and the colours of the page around them.
    static let style = """
        :root{color-scheme:light dark;--ink:#1c2024;--soft:#60656c;--line:#d9dbdf;--paper:#fff;--mark:#0b68cb;--mild:#8aa4bf;\
        --good:#1a7f37;--bad:#b3261e;--s0:#60656c;--s1:#b35900;--s2:#0b68cb;--s3:#1a7f37}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#9ba1a6;--line:#3a3f45;--paper:#16181b;--mark:#6cb2ff;\
        --mild:#5d7690;--good:#5fd07f;--bad:#ff8a80;--s0:#9ba1a6;--s1:#ffb066;--s2:#6cb2ff;--s3:#5fd07f}}
        svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg line{stroke-width:1}
        .grid{stroke:var(--line)}.axis{stroke:var(--soft)}.zero{stroke:var(--soft);stroke-dasharray:4 3}
        line.mark{stroke:var(--mild);stroke-width:2}circle.mark{fill:var(--mild)}
        line.mark.sure{stroke:var(--mark);stroke-width:3}circle.mark.sure{fill:var(--mark)}.bar{fill:var(--mark)}
        .series{fill:none;stroke-width:2}line.series{stroke-width:3}svg line.span{stroke-width:1.5}
        .s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}
        .full.s1{fill:var(--s1)}.full.s2{fill:var(--s2)}

        """
}
