import ArrowStream
import ByteStreams
public import CloudTraining
public import Evaluation
public import LocalStages
public import LogIngest
public import Samples
import UserPartition

/// All stages of a pipeline in one process, from raw logs to the summary over seeds, into a run folder.
///
/// The stages are the adaptors that the subcommands run: the files are the same, byte for byte.
public struct PipelineRun: Sendable {
    /// What a run tells while it works.
    public enum Event: Sendable {
        /// A stage begins, for one seed or for all.
        case began(stage: String, seed: UInt64?)
        /// A pass over the train samples ended.
        case trained(seed: UInt64, pass: Int, epoch: CloudModel.Epoch)
        /// Users were tuned and scored.
        case tuned(seed: UInt64, FineTuningReport.Counts)
    }

    /// What a run comes to.
    public struct Outcome: Sendable {
        /// Counts and drift of the train parts.
        public var ctr: CTRReport
        /// Every arm's metrics over the seeds.
        public var summary: RunSummary
        /// What came of the log; its bad rows stand in the folder's `rejects.jsonl`.
        public var ingest: IngestReport
    }

    private let pipeline: Pipeline
    private let folder: RunFolder
    private let threads: Int
    private let listener: @Sendable (Event) -> Void

    /// A run of `pipeline` into `folder`, on up to `threads` cores.
    public init(
        _ pipeline: Pipeline, into folder: RunFolder, threads: Int, listener: @escaping @Sendable (Event) -> Void
    ) {
        self.pipeline = pipeline
        self.folder = folder
        self.threads = threads
        self.listener = listener
    }

    /// Runs it. A failure leaves no summary and no half-written file; if it comes before the store is built, an earlier run
    /// in the folder stays whole.
    public func run() async throws(StageError) -> Outcome {
        guard let ingest = pipeline.ingest else {
            throw StageError(.usage, "a run needs a pipeline file with a section `ingest`")
        }
        try await onDisk { (folder) throws(StageError) in try folder.make() }
        do throws(StageError) {
            return try await run(ingest)
        } catch {
            folder.removeIfEmpty()
            throw error
        }
    }

    private func run(_ ingest: IngestSettings) async throws(StageError) -> Outcome {
        listener(.began(stage: "ingest and partition", seed: nil))
        let report = IngestReport()
        let rejects = try await partition(ingest, report: report)
        try await onDisk { (folder) throws(StageError) in try folder.removeEarlierResults() }
        try await rejects?.publish()
        try await FileContents.write(report.vocabularyFile(), to: folder.vocabulary)
        let store = try await PartitionStore.open(folder.store)

        listener(.began(stage: "ctr", seed: nil))
        let ctr = try await store.localDatasets().measureCTR(stores: [store.manifest.fingerprint])
        try await FileContents.write(ctr.json(), to: folder.ctr)

        try await train(on: store)
        var metrics: [RunMetrics] = []
        for seed in pipeline.seeds { metrics.append(try await tune(store, ctr, seed: seed)) }
        let summary = try RunSummary(over: metrics)
        try await FileContents.write(summary.json(), to: folder.summary)
        return Outcome(ctr: ctr, summary: summary, ingest: report)
    }

    /// Builds the store. Returns the rows that were rejected; nil if there were none.
    private func partition(
        _ ingest: IngestSettings, report: IngestReport
    ) async throws(StageError) -> RejectFile? {
        // Where no row may be bad, the first that is ends the run, and says so.
        let rejects = ingest.mostRejects == .rows(0) ? nil : try RejectFile(path: folder.rejects)
        do throws(StageError) {
            _ = try await LogIngest(ingest).samples(report: report, rejects: rejects, threads: threads)
                .partition(into: folder.store, settings: pipeline.partition)
        } catch {
            // What is bad is of most use where the run fails for it.
            let isBad = [.tooManyRejects, .data, .refused].contains(error.code)
            if isBad && report.progress.rowsRejected > 0 {
                try await rejects?.publish()
            } else {
                rejects?.discard()
            }
            throw error
        }
        if report.progress.rowsRejected > 0 { return rejects }
        rejects?.discard()
        return nil
    }

    /// Work on the run folder's files, on a thread that may block.
    private func onDisk(_ work: @escaping @Sendable (RunFolder) throws(StageError) -> Void) async throws(StageError) {
        try await BlockingThread().run { [folder] () throws(StageError) in try work(folder) }
    }

    /// Trains one model a seed, as many at once as there are cores.
    private func train(on store: PartitionStore) async throws(StageError) {
        let results = await withTaskGroup(of: Result<Void, StageError>.self) { group in
            var waiting = pipeline.seeds[...]
            var failure: StageError?
            for _ in 0..<min(threads, waiting.count) {
                let seed = waiting.removeFirst()
                group.addTask { await train(on: store, seed: seed) }
            }
            for await result in group {
                if case .failure(let error) = result {
                    failure = failure ?? error
                    group.cancelAll()
                } else if failure == nil, let seed = waiting.popFirst() {
                    group.addTask { await train(on: store, seed: seed) }
                }
            }
            return failure.map { Result<Void, StageError>.failure($0) } ?? .success(())
        }
        try results.get()
    }

    private func train(on store: PartitionStore, seed: UInt64) async -> Result<Void, StageError> {
        listener(.began(stage: "train", seed: seed))
        do throws(StageError) {
            try await onDisk { (folder) throws(StageError) in try folder.make(seed: seed) }
            let trained = try await CloudTrainer(pipeline.train, seed: seed).train(on: store) { pass, epoch in
                listener(.trained(seed: seed, pass: pass, epoch: epoch))
            }
            try await FileContents.write(
                trained.safetensors(store: store.manifest, seed: seed), to: folder.model(seed: seed))
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Scores all arms of one seed: the predictions are written and evaluated in one pass.
    private func tune(_ store: PartitionStore, _ ctr: CTRReport, seed: UInt64) async throws(StageError) -> RunMetrics {
        listener(.began(stage: "finetune and evaluate", seed: seed))
        let path = folder.model(seed: seed)
        let tuning = try FineTuningStage(
            pipeline.finetune, store: store,
            model: try await FileContents.read(path, limit: FineTuningStage.modelFileLimit), modelName: path,
            ctr: ctr, seed: seed)
        let report = FineTuningReport()
        let samples = store.localDatasets()
            .correctingLabels(to: ctr.globalCTR, by: pipeline.finetune.correction)
        let metrics = try await tuning.predictions(for: samples, threads: threads, report: report)
            .writing(to: ByteSink(path: folder.predictions(seed: seed)))
            .evaluate(pipeline.evaluate)
        try await FileContents.write(metrics.json(), to: folder.metrics(seed: seed))
        listener(.tuned(seed: seed, report.counts))
        return metrics
    }
}
