import OrderedJSON

/// All that a study found.
public struct StudyResults: Sendable, Hashable {
    /// A local schedule.
    public struct Schedule: Sendable, Hashable {
        /// Its name in the study file.
        public var name: String
        /// The optimiser's name: `SGD`.
        public var optimizer: String
        /// Its rate.
        public var learningRate: Double
        /// Passes over a user's train samples.
        public var passes: Int
        /// Samples a step.
        public var batchSize: Int

        /// A schedule.
        public init(name: String, optimizer: String, learningRate: Double, passes: Int, batchSize: Int) {
            self.name = name
            self.optimizer = optimizer
            self.learningRate = learningRate
            self.passes = passes
            self.batchSize = batchSize
        }

        /// `SGD 0.1, 5 passes`.
        var title: String { "\(optimizer) \(learningRate), \(passes) pass\(passes == 1 ? "" : "es")" }

        /// Steps of a user with so many train samples.
        func steps(_ samples: Int) -> Int { passes * ((samples + batchSize - 1) / batchSize) }
    }

    /// A data set that was left out.
    public struct LeftOut: Sendable, Hashable {
        /// What it is.
        public var about: StudyDataSet.About
        /// The file that is not there.
        public var file: String

        /// A data set that was left out.
        public init(about: StudyDataSet.About, file: String) {
            self.about = about
            self.file = file
        }
    }

    /// The study's name.
    public var name: String
    /// The seeds, one cloud model each.
    public var seeds: [UInt64]
    /// Resamples behind each interval.
    public var resamples: Int
    /// The methods of correction, that of the arm `corrected` first.
    public var corrections: [String]
    /// The local schedules.
    public var schedules: [Schedule]
    /// What was found on each data set.
    public var dataSets: [StudyDataSet]
    /// Data sets that could not be had.
    public var leftOut: [LeftOut]

    /// Results.
    public init(
        name: String, seeds: [UInt64], resamples: Int, corrections: [String], schedules: [Schedule],
        dataSets: [StudyDataSet], leftOut: [LeftOut]
    ) {
        self.name = name
        self.seeds = seeds
        self.resamples = resamples
        self.corrections = corrections
        self.schedules = schedules
        self.dataSets = dataSets
        self.leftOut = leftOut
    }

    /// The bytes of `study.json`; equal results give equal bytes.
    public func json() -> [UInt8] {
        let schedules = schedules.map { schedule in
            JSONValue.object([
                "name": .string(schedule.name), "optimizer": .string(schedule.optimizer),
                "learning_rate": .number(schedule.learningRate), "passes": .integer(schedule.passes),
                "batch_size": .integer(schedule.batchSize),
            ])
        }
        let sets = dataSets.map { set in
            JSONValue.object([
                "name": .string(set.about.name), "title": .string(set.about.title), "about": .string(set.about.text),
                "split": .string(set.split), "drift": set.drift.document,
                "models": .array(set.models.map(\.document)),
            ])
        }
        let leftOut = leftOut.map { JSONValue.object(["name": .string($0.about.name), "missing": .string($0.file)]) }
        let document = JSONValue.object([
            "name": .string(name), "seeds": .array(seeds.map { .integer($0) }), "resamples": .integer(resamples),
            "corrections": .array(corrections.map { .string($0) }), "schedules": .array(schedules),
            "data_sets": .array(sets), "left_out": .array(leftOut),
        ])
        return Array(document.text(.indented).utf8)
    }
}

extension StudyDrift {
    fileprivate var document: JSONValue {
        .object([
            "global_ctr": .number(globalCTR), "users": .integer(users), "single_class": .integer(singleClass),
            "samples": .integer(samples), "median_samples": .integer(medianSamples), "true_sd": .number(trueSD),
            "dispersion": .number(dispersion),
            "quantiles": .object(
                [0.05, 0.25, 0.5, 0.75, 0.95].map { .init("\($0)", .number(quantile($0))) }),
        ])
    }
}
