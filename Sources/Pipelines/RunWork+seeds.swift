import ArrowStream
import ByteStreams
import CloudTraining
import Evaluation
import LocalStages
import Samples
import UserPartition

extension RunWork {
    /// Measures the global CTR and drift, or reads them where they stand.
    func ctr(_ store: PartitionStore) async throws(StageError) -> CTRReport {
        let step = RunStep(.ctr)
        let origin = origin(step, inputs: [input(store)])
        guard let reason = try await reasonToDo(origin) else { return try await CTRReport(path: folder.ctr) }
        try await strike([step])
        let start = begin(step, reason)
        let report = try await store.withoutHeldOutUsers().localDatasets().measureCTR(
            stores: [store.manifest.fingerprint])
        try await finish(origin, since: start, writing: report.json(), as: RunFolder.ctrName)
        return report
    }

    /// Trains one model a seed, as many at once as there are cores; the cores are shared out among them.
    func train(on store: PartitionStore) async throws(StageError) {
        try await onDisk { [pipeline, folder] (ledger, _) throws(StageError) in
            try ledger.sweep(keeping: pipeline.seeds)
            for model in try folder.models(except: pipeline.seeds) { try CloudTrainer.removeCheckpoint(of: model) }
        }
        let stale = try await stale(pipeline.seeds.map { origin(RunStep(.train, seed: $0), inputs: [input(store)]) })
        let atOnce = min(threads, stale.count)
        let share = max(1, threads / max(1, atOnce))
        _ = try await stale.mapping(atOnce: atOnce) { step throws(StageError) in
            try await train(on: store, step.origin, step.reason, threads: share)
        }
    }

    private func train(
        on store: PartitionStore, _ origin: StepOrigin, _ reason: RedoReason, threads: Int
    ) async throws(StageError) {
        guard let seed = origin.step.seed else { preconditionFailure("a model has a seed") }
        let start = begin(origin.step, reason)
        try await onDisk { [folder] (_, _) throws(StageError) in try folder.make(seed: seed) }
        var settings = pipeline.train
        settings.threads = threads
        let trained = try await CloudTrainer(settings, seed: seed).train(
            on: store, into: folder.model(seed: seed)
        ) { [listener] event in listener(.training(seed: seed, event)) }
        let file = try await record(of: trained, as: RunFolder.modelName(seed: seed))
        try await onDisk { (ledger, _) throws(StageError) in
            try ledger.strikeDependents(of: file.name, unless: file.sha256)
        }
        try await trained.publish()
        try await onDisk { (ledger, _) throws(StageError) in try ledger.enter(origin, since: start, results: [file]) }
    }

    /// The record of a model that is not in its place yet.
    private func record(of trained: TrainedModel, as name: String) async throws(StageError) -> FileRecord {
        let hash = FileHash()
        try await trained.forEachPiece { piece in hash.add(piece) }
        return hash.record(name)
    }

    /// Scores all arms of every seed, or reads the metrics where they stand; in the order of the seeds.
    func finetune(_ store: PartitionStore, _ ctr: CTRReport) async throws(StageError) -> [SeedMetrics] {
        let stale = try await stale(
            pipeline.seeds.map { seed in
                let made = [RunFolder.ctrName, RunFolder.modelName(seed: seed)].map(ledger.input)
                return origin(RunStep(.finetune, seed: seed), inputs: [input(store)] + made)
            })
        var metrics: [SeedMetrics] = []
        for seed in pipeline.seeds {
            if let step = stale.first(where: { $0.origin.step.seed == seed }) {
                let start = begin(step.origin.step, step.reason)
                let run = try await finetune(store, ctr, step.origin, since: start, seed: seed)
                metrics.append(SeedMetrics(metrics: run.metrics, users: run.users))
            } else {
                let path = folder.metrics(seed: seed)
                let bytes = try await FileContents.read(path, limit: Self.mostMetricsBytes)
                metrics.append(SeedMetrics(metrics: try RunMetrics(json: bytes, name: path)))
            }
        }
        return metrics
    }

    /// The most bytes that a `metrics.json` may have.
    private static let mostMetricsBytes = 64 << 20

    /// Scores all arms of one seed: the predictions are written and evaluated in one pass.
    private func finetune(
        _ store: PartitionStore, _ ctr: CTRReport, _ origin: StepOrigin, since start: ContinuousClock.Instant,
        seed: UInt64
    ) async throws(StageError) -> EvaluatedRun {
        let path = folder.model(seed: seed)
        let model = try await ModelFile(path: path)
        let tuning = try await onDisk { [pipeline] (_, _) throws(StageError) in
            try FineTuningStage(pipeline.finetune, store: store, model: model, ctr: ctr, seed: seed)
        }
        let report = FineTuningReport()
        let run = try await tuning.predictions(for: store.localDatasets(), threads: threads, report: report)
            .writing(to: ByteSink(path: folder.predictions(seed: seed)))
            .evaluate(evaluation)
        let json = run.metrics.json()
        try await FileContents.write(json, to: folder.metrics(seed: seed))
        try await onDisk { [folder] (ledger, cancellation) throws(StageError) in
            let name = RunFolder.predictionsName(seed: seed)
            let predictions = try FileRecord(
                name: name, readFrom: folder.place(of: name), cancellation: cancellation)
            try ledger.enter(
                origin, since: start,
                results: [predictions, FileRecord(name: RunFolder.metricsName(seed: seed), content: json)])
        }
        listener(.tuned(seed: seed, report.counts))
        return run
    }

    /// The pipeline's settings for where this run works.
    private var evaluation: EvaluationSettings {
        var settings = pipeline.evaluate
        settings.scratchFolder = folder.path
        settings.threads = threads
        return settings
    }

    /// One seed's metrics, and its users if its predictions were made or read in this process.
    struct SeedMetrics {
        var metrics: RunMetrics
        var users: EvaluatedUsers?
    }

    /// Summarises the seeds' metrics, user by user.
    func evaluate(_ seeds: [SeedMetrics]) async throws(StageError) -> RunSummary {
        let step = RunStep(.evaluate)
        let inputs = pipeline.seeds.flatMap {
            [RunFolder.metricsName(seed: $0), RunFolder.predictionsName(seed: $0)]
        }
        let origin = origin(step, inputs: inputs.map { ledger.input($0) })
        guard let reason = try await reasonToDo(origin) else {
            let bytes = try await FileContents.read(folder.summary, limit: Self.mostMetricsBytes)
            return try RunSummary(json: bytes, name: folder.summary)
        }
        try await strike([step])
        let start = begin(step, reason)
        var runs: [EvaluatedRun] = []
        for (seed, known) in zip(pipeline.seeds, seeds) {
            // Of a seed that was skipped the users stand in its predictions alone.
            let users: EvaluatedUsers
            if let made = known.users {
                users = made
            } else {
                let stream = ThreadedSequence<PredictionBatch>(arrowStream: folder.predictions(seed: seed))
                users = try await stream.measure(evaluation).users
            }
            runs.append(EvaluatedRun(metrics: known.metrics, users: users))
        }
        let summary = try await RunSummary(over: runs, pipeline.evaluate.bootstrap, threads: threads)
        try await finish(origin, since: start, writing: summary.json(), as: RunFolder.summaryName)
        return summary
    }

    /// Those of one stage's steps that have to be done, struck off together: results of old settings do not stand beside new
    /// ones while the stage works.
    private func stale(
        _ origins: [StepOrigin]
    ) async throws(StageError) -> [(origin: StepOrigin, reason: RedoReason)] {
        var stale: [(origin: StepOrigin, reason: RedoReason)] = []
        for origin in origins {
            if let reason = try await reasonToDo(origin) { stale.append((origin, reason)) }
        }
        if !stale.isEmpty { try await strike(stale.map(\.origin.step)) }
        return stale
    }

    private func strike(_ steps: [RunStep]) async throws(StageError) {
        try await onDisk { (ledger, _) throws(StageError) in try ledger.strike(steps) }
    }
}
