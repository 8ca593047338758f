public import ArrowStream
public import ByteStreams
import CTRModels
import LabelCorrection
public import Samples
public import UserPartition

/// Everything that `finetune` needs beside the samples: cloud model, global CTR, seed, and what the store knows of items.
public struct FineTuningStage: Sendable {
    /// What the predictions' columns are.
    public let schema: PredictionSchema
    private let work: UserScorer.Work

    /// A stage over one store and model. Blocks: what the store knows of items is read.
    ///
    /// - Parameters:
    ///   - model: the cloud model.
    ///   - ctr: what `ctr` measured on the store.
    /// - Throws: `data` if the model was trained on another store (its test samples may have been the model's
    ///   train samples) or does not fit, or if `ctr` is another store's; `usage` if an arm needs an item and the store has
    ///   none.
    public init(
        _ settings: FineTuningSettings, store: PartitionStore, model: ModelFile, ctr: CTRReport, seed: UInt64
    ) throws(StageError) {
        try ctr.check(against: store)
        let globalCTR = ctr.globalCTR
        // A model from elsewhere does not say what it was trained on.
        let origin = model.metadata["plumb.store"]
        guard origin == nil || origin == store.manifest.fingerprint else {
            throw StageError(
                .data, "the model was trained on another store, whose train part may hold this one's test samples",
                at: SourcePosition(file: model.name), advice: "train it anew with `plumb train`")
        }
        var itemMean: ItemMean?
        if settings.arms.contains(.itemMean) {
            guard let item = store.schema.item else {
                throw StageError(.usage, "the arm item_mean needs an item, which the store's samples do not have")
            }
            let name = store.schema.features[item].name
            guard let counts = try store.trainCounts().first(where: { $0.feature == name }) else {
                throw StageError(.data, "the store has no train counts of `\(name)`")
            }
            itemMean = ItemMean(counts, globalCTR: globalCTR, strength: settings.itemMeanStrength)
        }
        schema = PredictionSchema(
            userKind: store.schema.userKind, arms: settings.arms.map(\.rawValue), globalCTR: globalCTR.value,
            seed: seed,
            users: try store.userCount(),
            fingerprints: [
                "store": store.manifest.fingerprint, "model": model.fingerprint,
                "settings": settings.fingerprint,
            ], marksHeldOut: store.manifest.heldOut != nil)
        work = UserScorer.Work(
            cloud: model.model, features: try ModelFeatures(of: model.model.architecture, in: store.schema),
            settings: settings, plan: TuningPlan(settings), globalCTR: globalCTR, itemMean: itemMean,
            heldOut: store.manifest.heldOut?.choice, schema: schema)
    }

    /// The predictions for a store's users, or for those of them that `samples` brings.
    ///
    /// - Parameters:
    ///   - samples: local datasets; labels are corrected here, from the raw ones.
    ///   - threads: batches worked on at once, 1 or more; does not change a byte.
    ///   - report: filled while the stream runs.
    ///   - usersTable: takes a line of CSV for each user, in the stream's order, the same for any number of threads; whole when
    ///     the stream has ended, and then to be published by whoever has it.
    ///   - overlays: takes what devices would keep, as a tar archive, likewise.
    ///   - timings: filled while the stream runs.
    public func predictions<Base>(
        for samples: Base, threads: Int, report: FineTuningReport = FineTuningReport(), usersTable: ByteSink? = nil,
        overlays: ByteSink? = nil, timings: FineTuningTimings? = nil
    ) -> FineTuningSequence<Base> where Base: AsyncSequence<SampleBatch, StageError> & Sendable {
        precondition(threads > 0)
        return FineTuningSequence(
            base: samples.joiningUsers(), work: work, threads: threads, report: report, table: usersTable,
            overlays: overlays, timings: timings)
    }

    /// What a pass over a store tells while it goes on.
    public enum Event: Sendable, Hashable {
        /// It goes on after so many users, whom an earlier one finished.
        case resumed(users: Int)
        /// There is a checkpoint, but it is of no use, and why.
        case startedAnew(String)
    }

    /// Writes the predictions for all of a store's users, and what else `output` asks for; with checkpoints by bucket, if it
    /// does not say otherwise. The bytes are the same for any number of threads, and whether or not the pass was cut off.
    ///
    /// - Parameters:
    ///   - store: the one that the stage was made for.
    ///   - threads: batches worked on at once, 1 or more.
    ///   - report: filled while the pass goes on; of all users, those of an earlier pass too.
    ///   - timings: likewise, of this pass alone.
    ///   - onEvent: hears of checkpoints.
    /// - Returns: what is in the predictions' file.
    public func write(
        _ store: PartitionStore, to output: FineTuningOutput, threads: Int,
        report: FineTuningReport = FineTuningReport(), timings: FineTuningTimings? = nil,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws(StageError) -> StreamCounts {
        try await FineTuningPass(
            self, store, to: output, threads: threads, report: report, timings: timings, onEvent: onEvent
        ).run()
    }
}
