public import Samples

/// One run as one HTML page: no network, light and dark, for a screen, a phone and paper.
///
/// A function of what it is given: the same run gives the same bytes.
public struct ReportPage: Sendable {
    let name: String
    let summary: RunSummary
    let users: EvaluatedUsers
    /// For each arm its bins in the first seed.
    let calibration: [[CalibrationBin]]
    let gainCurves: [GainCurve]
    let settings: [Setting]
    let times: [StepTime]
    let fingerprints: [String: String]

    /// A setting and what it is.
    public struct Setting: Sendable, Hashable {
        /// Its path in the pipeline file.
        public var path: String
        /// Its value.
        public var text: String

        /// A setting.
        public init(path: String, text: String) {
            self.path = path
            self.text = text
        }
    }

    /// How long a stage took, for one seed where each has its own.
    public struct StepTime: Sendable, Hashable {
        /// The stage's name.
        public var stage: String
        /// The seed; nil for a stage that all seeds share.
        public var seed: UInt64?
        /// Seconds, 0 or more.
        public var seconds: Double

        /// A stage's time.
        public init(stage: String, seed: UInt64?, seconds: Double) {
            self.stage = stage
            self.seed = seed
            self.seconds = seconds
        }
    }

    /// The page of one run.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - runs: its seeds' evaluations.
    ///   - summary: what they have in common, with comparisons and slices.
    ///   - settings: what decided its results.
    ///   - times: how long its steps took, in their order; of those that are left out the page says nothing.
    ///   - bootstrap: resamples users for what the summary has no intervals of.
    ///   - threads: how many cores that may take; they do not change the page.
    /// - Throws: `data` for runs of different rows or arms.
    public init(
        name: String, runs: [EvaluatedRun], summary: RunSummary, settings: [Setting], times: [StepTime] = [],
        _ bootstrap: UserBootstrap = UserBootstrap(), threads: Int = 1
    ) async throws(StageError) {
        self.name = name
        self.summary = summary
        self.settings = settings
        self.times = times
        users = try EvaluatedUsers(meanOf: runs.map(\.users))
        calibration = runs.first?.calibration ?? []
        gainCurves = await users.gainCurves(
            ["corrected", "finetuned"].map { ArmPair(a: $0, b: "cloud") }, bootstrap, threads: threads)
        fingerprints = runs.first?.metrics.fingerprints ?? [:]
    }

    /// The page's bytes.
    public func html() -> [UInt8] {
        let scope = summary.scope
        let intro = """
            <p>\(scope.users.total) users, \(scope.users.evaluated) with both classes among their \(scope.samples) \
            \(scope.part.name) samples; \(scope.users.singleClass) with one class and \(scope.users.withoutRows) without samples are \
            left out of means over users. Global CTR of the train parts \(FixedPoint.text(scope.globalCTR)). \
            \(summary.seeds.count == 1 ? "One seed." : "\(summary.seeds.count) seeds: ± is their standard deviation.")</p>

            """
        let body = [
            intro, armsSection, differencesSection, driftSection, slicesSection, gainCurveSection, usersSection,
            calibrationSection, timesSection, settingsSection,
        ].joined()
        let page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(HTMLText.escaped(name)): plumb report</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            script-src 'unsafe-inline'; img-src data:">
            <link rel="icon" href="data:,">
            <style>\(Self.style)</style></head><body><main>
            <h1>\(HTMLText.escaped(name))</h1>
            \(body)</main><script>\(Self.script)</script></body></html>

            """
        return Array(page.utf8)
    }
}
