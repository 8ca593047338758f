import Evaluation
import OrderedJSON
public import Samples

/// Finished runs side by side: what differs in what they were made from, and what came of it.
public struct RunComparison: Sendable, Hashable {
    /// A setting that is not the same in all runs.
    struct Difference: Sendable, Hashable {
        let path: String
        /// One a run; nil where it does not have the setting.
        let texts: [String?]
    }

    let runs: [FinishedRun]
    let differences: [Difference]

    /// The metrics that are shown.
    private static let metrics: [Metric] = [.gauc, .auc, .logLoss, .ece]

    /// Reads the runs' records and summaries.
    ///
    /// - Parameter paths: run folders, two or more.
    /// - Throws: `data` for a folder without a finished run or a damaged file in one, `environment` for one that cannot be read.
    public init(paths: [String]) async throws(StageError) {
        var runs: [FinishedRun] = []
        for path in paths { runs.append(try await FinishedRun(path: path)) }
        self.runs = runs
        var order: [String] = []
        var known: Set<String> = []
        for run in runs {
            for setting in run.settings where known.insert(setting.path).inserted { order.append(setting.path) }
        }
        let texts = runs.map { run in Dictionary(run.settings.map { ($0.path, $0.text) }) { first, _ in first } }
        differences = order.compactMap { path in
            let found = texts.map { $0[path] }
            return Set(found).count > 1 ? Difference(path: path, texts: found) : nil
        }
    }

    /// Whether all were evaluated on rows that may well be the same: then their metrics can be compared.
    var haveOneScope: Bool { Set(runs.map(\.summary.scope)).count == 1 }
    /// Whether all were made from logs of the same bytes.
    var haveOneLog: Bool { Set(runs.map(\.sources)).count == 1 }

    /// The arms of any run, in the runs' order.
    private var arms: [String] {
        var known: Set<String> = []
        return runs.flatMap { $0.summary.arms.map(\.name) }.filter { known.insert($0).inserted }
    }

    private func spread(_ arm: String, _ metric: Metric, in run: FinishedRun) -> SeedSpread? {
        run.summary.arms.first { $0.name == arm }?[metric]
    }

    // MARK: Files

    /// The same for scripts. Numbers have the shortest digits that give them back; what a run does not have is null.
    public func json() -> [UInt8] {
        let runs = runs.map { run in
            JSONValue.object([
                "path": .string(run.folder.path), "seeds": .array(run.summary.seeds.map { .integer($0) }),
                "samples": .integer(run.summary.scope.samples),
            ])
        }
        let settings = differences.map { difference in
            JSONValue.object([
                "path": .string(difference.path),
                "values": .array(difference.texts.map { $0.map { .string($0) } ?? .null }),
            ])
        }
        let arms = arms.map { arm in
            JSONValue.Member(
                arm,
                .object(
                    Metric.allCases.map { metric in
                        let found = self.runs.map { spread(arm, metric, in: $0) }
                        return JSONValue.Member(
                            metric.rawValue,
                            .object([
                                "means": .array(found.map { .number($0?.mean) }),
                                "sds": .array(found.map { .number($0?.sd) }),
                            ]))
                    }))
        }
        let document = JSONValue.object([
            "runs": .array(runs), "same_log": .bool(haveOneLog), "same_scope": .bool(haveOneScope),
            "settings": .array(settings), "arms": .object(arms),
        ])
        return Array(document.text(.indented).utf8)
    }
}

extension RunComparison: CustomStringConvertible {
    /// Plain text for a terminal or a pipe: what differs, then the arms by metric, a column a run.
    public var description: String {
        var parts = [runs.enumerated().map { "\(Self.letter($0.offset))  \(ShownText.whole($0.element.folder.path))" }]
        let letters = runs.indices.map(Self.letter)
        let settings = differences.map { difference in
            [ShownText.plain(difference.path)] + difference.texts.map { $0.map(ShownText.plain) ?? "not set" }
        }
        parts.append(
            settings.isEmpty
                ? ["all settings are the same"] : ShownText.columns([["setting"] + letters] + settings))
        var notes: [String] = []
        if !haveOneLog { notes.append("the logs are not the same bytes") }
        if !haveOneScope { notes.append("not all were evaluated on the same rows: differences are of the data, too") }
        if !notes.isEmpty { parts.append(notes) }
        for metric in Self.metrics {
            let rows = arms.map { arm -> [String] in
                let found = runs.map { spread(arm, metric, in: $0) }
                let first = found[0]?.mean
                return [ShownText.plain(arm)]
                    + found.enumerated().map { place, spread in
                        let text = Self.cell(spread)
                        guard place > 0, let first, let mean = spread?.mean else { return text }
                        return "\(text) (\(FixedPoint.signedText(mean - first)))"
                    }
            }
            parts.append(ShownText.columns([[metric.title] + letters] + rows))
        }
        parts.append(["in brackets: less \(letters[0]); ± over seeds says nothing of other users"])
        return parts.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// `A`, `B`, …, `Z`, `A1`, …
    private static func letter(_ index: Int) -> String {
        let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index % 26)))
        return index < 26 ? letter : "\(letter)\(index / 26)"
    }

    private static func cell(_ spread: SeedSpread?) -> String {
        guard let spread else { return "-" }
        guard let sd = spread.sd else { return FixedPoint.text(spread.mean) }
        return "\(FixedPoint.text(spread.mean)) ± \(FixedPoint.text(sd))"
    }
}
