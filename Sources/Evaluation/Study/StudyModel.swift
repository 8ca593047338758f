public import Samples

/// What a study found with one model on one data set: every local schedule, and each way of labelling at the schedule that
/// validation chose for it.
public struct StudyModel: Sendable, Hashable {
    /// The model's name.
    public let name: String
    /// The schedules, in the study's order.
    public let schedules: [Schedule]
    /// What validation chose for each tuned arm.
    public let choices: [Choice]
    /// The arms that are not tuned and the tuned ones, each at its own chosen schedule, on test, with comparisons and slices. Gate
    /// and restored prior are at the schedule of the arm that they start from.
    public let best: RunSummary

    /// One local schedule.
    public struct Schedule: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// GAUC on validation of the cloud model and of each tuned arm.
        public let validation: [ArmGAUC]
        /// The same arms on test, compared, without slices.
        public let test: RunSummary
        /// Users whose tuning diverged, a number for each seed.
        public let diverged: [Int]

        /// GAUC of one arm on validation.
        func validationGAUC(_ arm: String) -> SeedSpread? { validation.first { $0.arm == arm }?.gauc }
    }

    /// An arm's GAUC over the seeds.
    public struct ArmGAUC: Sendable, Hashable {
        /// The arm.
        public let arm: String
        /// Its GAUC.
        public let gauc: SeedSpread
    }

    /// The schedule with an arm's best mean GAUC on validation; of equal ones the first.
    public struct Choice: Sendable, Hashable {
        /// The arm.
        public let arm: String
        /// The schedule's name.
        public let schedule: String
        /// What it is ahead of the cloud model on validation. Where it is not, validation says not to tune at all.
        public let gain: Double
    }

    /// The cells of one schedule, a seed each.
    public struct ScheduleCells: Sendable {
        /// The schedule's name.
        public var name: String
        /// In the order of the seeds.
        public var cells: [StudyCell]

        /// The cells of a schedule.
        public init(name: String, cells: [StudyCell]) {
            self.name = name
            self.cells = cells
        }
    }

    init(name: String, schedules: [Schedule], choices: [Choice], best: RunSummary) {
        self.name = name
        self.schedules = schedules
        self.choices = choices
        self.best = best
    }

    /// Compares a model's cells.
    ///
    /// - Parameters:
    ///   - untuned: the cells of the arms that no schedule changes, `cloud` among them, in the order of the seeds.
    ///   - tuned: those of each schedule, all with the same arms.
    /// - Throws: `data` for no schedule, or cells that are not of one store, one list of seeds and the same arms; for arms without a
    ///   GAUC on validation, by which schedules are chosen.
    public init(
        name: String, untuned: [StudyCell], tuned: [ScheduleCells], _ bootstrap: UserBootstrap, threads: Int
    ) async throws(StageError) {
        guard let arms = tuned.first?.cells.first?.test.metrics.arms.map(\.arm) else {
            throw StageError(.data, "the study has no schedule")
        }
        self.name = name
        let ways = arms.filter(Self.isWayOfLabelling)
        var schedules: [Schedule] = []
        for schedule in tuned {
            guard schedule.cells.count == untuned.count else {
                throw StageError(.data, "schedule \(schedule.name) was not tuned with every seed")
            }
            var runs: [EvaluatedRun] = []
            for (base, cell) in zip(untuned, schedule.cells) {
                let own = ways.map { EvaluatedRun.ArmChoice(run: cell.test, arm: $0, name: $0) }
                runs.append(
                    try EvaluatedRun(choosing: [.init(run: base.test, arm: "cloud", name: "cloud")] + own))
            }
            let validation =
                [Self.gauc("cloud", in: untuned)] + ways.map { Self.gauc($0, in: schedule.cells) }
            schedules.append(
                Schedule(
                    name: schedule.name, validation: validation,
                    test: try await RunSummary(comparing: runs, bootstrap, threads: threads, slices: false),
                    diverged: schedule.cells.map(\.diverged)))
        }
        self.schedules = schedules
        choices = try ways.map { way throws(StageError) in try Self.choice(way, among: schedules) }
        let places = Dictionary(
            choices.map { choice in
                (choice.arm, tuned.firstIndex { $0.name == choice.schedule } ?? 0)
            }
        ) { first, _ in first }
        var runs: [EvaluatedRun] = []
        for seed in untuned.indices {
            let base = untuned[seed].test.metrics.arms.map {
                EvaluatedRun.ArmChoice(run: untuned[seed].test, arm: $0.arm, name: $0.arm)
            }
            let own = arms.map { arm in
                let schedule = places[arm] ?? places["corrected"] ?? 0
                return EvaluatedRun.ArmChoice(run: tuned[schedule].cells[seed].test, arm: arm, name: arm)
            }
            runs.append(try EvaluatedRun(choosing: base + own))
        }
        best = try await RunSummary(comparing: runs, bootstrap, threads: threads, slices: true)
    }

    /// Whether an arm is tuned in its own way, and not an arm with something added.
    private static func isWayOfLabelling(_ arm: String) -> Bool { !arm.hasSuffix("_prior") && !arm.hasSuffix("_gated") }

    private static func gauc(_ arm: String, in cells: [StudyCell]) -> ArmGAUC {
        ArmGAUC(
            arm: arm, gauc: SeedSpread(cells.map { cell in cell.validation.arms.first { $0.arm == arm }?.gauc }))
    }

    private static func choice(_ arm: String, among schedules: [Schedule]) throws(StageError) -> Choice {
        var best: Choice?
        for schedule in schedules {
            guard let mean = schedule.validationGAUC(arm)?.mean, let cloud = schedule.validationGAUC("cloud")?.mean
            else {
                throw StageError(
                    .data, "no user has both classes on validation, by which schedules are chosen",
                    advice: "split off a larger validation part")
            }
            if mean - cloud > best?.gain ?? -.infinity {
                best = Choice(arm: arm, schedule: schedule.name, gain: mean - cloud)
            }
        }
        guard let best else { throw StageError(.data, "the study has no schedule") }
        return best
    }
}
