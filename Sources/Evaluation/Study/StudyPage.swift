/// A study as one page of Markdown with figures: what was asked, what came out, how sure it is. No number in it is written by hand.
///
/// A function of the results: the same results give the same bytes.
public struct StudyPage: Sendable {
    let results: StudyResults
    let findings: [StudyFinding]
    /// Where the figures stand, from the page's folder.
    private let figureFolder: String

    /// A file that belongs to the page.
    public struct Figure: Sendable, Hashable {
        /// Its place, from the page's folder.
        public let path: String
        /// An SVG picture.
        public let bytes: [UInt8]
    }

    /// The page of a study.
    ///
    /// - Parameter figures: the folder of the figures, from the page's.
    public init(_ results: StudyResults, figures: String) {
        self.results = results
        findings = results.findings
        figureFolder = figures
    }

    /// The page's bytes.
    public func markdown() -> [UInt8] {
        let parts = [
            head, shortAnswers, dataSection, driftSection, rankingSection, budgetSection, audienceSection,
            restorationSection,
            correctionsSection, abstractSection, methodSection,
        ]
        return Array((parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n").utf8)
    }

    /// The figures that the page shows.
    public var figures: [Figure] {
        results.dataSets.indices.flatMap { set in
            drawings(of: set).map { Figure(path: path($0.name), bytes: $0.figure.file) }
        }
    }

    private func path(_ name: String) -> String { "\(figureFolder)/\(name).svg" }

    /// A picture in the page's text.
    func picture(_ drawing: StudyDrawing) -> [String] {
        let figure = drawing.figure
        return [
            "", "![\(Self.escaped(figure.title))](\(path(drawing.name)))", "",
            "*\(Self.escaped(figure.title)). \(Self.escaped(figure.description))*",
        ]
    }

    // MARK: Parts of tables

    /// A table; cells are Markdown.
    static func table(_ header: [String], _ rows: [[String]]) -> [String] {
        ["", line(header), line(header.map { _ in "---" })] + rows.map(line)
    }

    private static func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }

    /// Text from a study file, so that it is text and no markup.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#": result += "\\\(character)"
            case _ where character.properties.generalCategory == .control: result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// `+0.0024 [+0.0010, +0.0037]`, strong where the verdict is sure.
    static func cell(_ difference: Double?, _ interval: ClosedRange<Double>?, _ verdict: Evidence.Verdict) -> String {
        guard let difference else { return "n/a" }
        let range = interval.map {
            " [\(FixedPoint.signedText($0.lowerBound)), \(FixedPoint.signedText($0.upperBound))]"
        }
        let text = FixedPoint.signedText(difference) + (range ?? "")
        return verdict == .better || verdict == .worse ? "**\(text)**" : text
    }

    // MARK: What sections look up

    /// The findings of one pair, of one data set or of all.
    func findings(_ pair: ArmPair, in set: Int? = nil) -> [StudyFinding] {
        findings.filter { $0.pair == pair && (set == nil || $0.dataSet == set) }
    }

    func tally(_ pair: ArmPair, in set: Int? = nil) -> VerdictTally {
        VerdictTally(findings(pair, in: set).map(\.verdict))
    }

    /// A name as code.
    func code(_ name: String) -> String { "`\(name)`" }

    /// The schedule that validation chose for an arm.
    func schedule(_ arm: String, of model: StudyModel) -> String {
        guard let choice = model.choices.first(where: { $0.arm == arm }) else { return "" }
        return title(ofSchedule: choice.schedule)
    }

    func title(ofSchedule name: String) -> String {
        results.schedules.first { $0.name == name }?.title ?? name
    }

    /// A mean of numbers; nil where there is none.
    static func mean(_ values: [Double]) -> Double? { SeedSpread(values).mean }
}
