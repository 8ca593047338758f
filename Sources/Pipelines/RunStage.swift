/// A stage of a run, as `--from` and `--until` name it, in the order in which they are done.
public enum RunStage: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The log becomes a store, in one pass with `ingest`.
    case partition
    /// The store's global CTR and drift.
    case ctr
    /// One cloud model a seed.
    case train
    /// Predictions and their metrics, one of each a seed.
    case finetune
    /// The summary over all seeds.
    case evaluate

    private var place: Int {
        switch self {
        case .partition: 0
        case .ctr: 1
        case .train: 2
        case .finetune: 3
        case .evaluate: 4
        }
    }

    /// Whether `a` is done before `b`.
    public static func < (a: RunStage, b: RunStage) -> Bool { a.place < b.place }
}

/// What of a run is done, or skipped, as a whole: a stage, for one seed where each seed has its own.
public struct RunStep: Sendable, Hashable {
    /// The stage.
    public let stage: RunStage
    /// The seed; nil for stages that all seeds share.
    public let seed: UInt64?

    /// A step of `stage`.
    init(_ stage: RunStage, seed: UInt64? = nil) {
        self.stage = stage
        self.seed = seed
    }
}

extension RunStep: CustomStringConvertible {
    /// `ctr`; `train, seed 2`.
    public var description: String { stage.rawValue + (seed.map { ", seed \($0)" } ?? "") }
}
