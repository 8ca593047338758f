import ByteStreams
import LocalStages
import LogIngest
import Samples
import UserPartition

/// The work of one run in its folder, stage by stage: what can be skipped, and what is done.
struct RunWork: Sendable {
    let pipeline: Pipeline
    let folder: RunFolder
    let threads: Int
    let version: String
    /// The stage that is done with all after it, whatever the ledger says.
    let first: RunStage?
    /// The stage after which the run stops.
    let last: RunStage
    let ledger: RunLedger
    let listener: @Sendable (PipelineRun.Event) -> Void

    /// Does the stages up to the last one that is wanted.
    func outcome(_ ingest: IngestSettings) async throws(StageError) -> PipelineRun.Outcome {
        var outcome = PipelineRun.Outcome()
        outcome.ingest = try await partition(ingest)
        let store = try await PartitionStore.open(folder.store)
        if last >= .ctr { outcome.ctr = try await ctr(store) }
        if last >= .train { try await train(on: store) }
        if last >= .finetune, let ctr = outcome.ctr {
            let metrics = try await finetune(store, ctr)
            if last >= .evaluate { outcome.summary = try await evaluate(metrics) }
        }
        try await onDisk { (ledger, _) throws(StageError) in ledger.saveStamps() }
        return outcome
    }

    // MARK: Steps

    /// What a step's results are made from.
    func origin(_ step: RunStep, inputs: [StepOrigin.Input]) -> StepOrigin {
        StepOrigin(
            step: step, version: version,
            settings: pipeline.settings(of: step.stage).map { StepOrigin.Setting(path: $0.quotedPath, text: $0.text) },
            inputs: inputs)
    }

    /// A store as an input.
    func input(_ store: PartitionStore) -> StepOrigin.Input {
        StepOrigin.Input(name: RunFolder.storeName, sha256: store.manifest.fingerprint)
    }

    /// Whether a stage is to be done whatever the ledger says.
    func isAsked(_ stage: RunStage) -> Bool { first.map { stage >= $0 } ?? false }

    /// Why a step is to be done; nil if it may be skipped, which is told.
    func reasonToDo(_ origin: StepOrigin) async throws(StageError) -> RedoReason? {
        if isAsked(origin.step.stage) { return .asked }
        let reason = try await onDisk { (ledger, cancellation) throws(StageError) in
            try ledger.reasonToDo(origin, cancellation: cancellation)
        }
        if reason == nil { listener(.skipped(origin.step)) }
        return reason
    }

    /// Tells that a step begins. Returns when.
    func begin(_ step: RunStep, _ reason: RedoReason) -> ContinuousClock.Instant {
        listener(.began(step, reason))
        return .now
    }

    /// Puts the one file that a step makes in its place and enters the step.
    func finish(
        _ origin: StepOrigin, since start: ContinuousClock.Instant, writing bytes: [UInt8], as name: String
    ) async throws(StageError) {
        let file = try await onDisk { (ledger, _) throws(StageError) in
            let file = FileRecord(name: name, content: bytes)
            try ledger.strikeDependents(of: name, unless: file.sha256)
            return file
        }
        try await FileContents.write(bytes, to: folder.place(of: name))
        try await onDisk { (ledger, _) throws(StageError) in try ledger.enter(origin, since: start, results: [file]) }
    }

    /// Work on files, on a thread that may block.
    func onDisk<Value: Sendable>(
        _ work: @escaping @Sendable (RunLedger, Cancellation) throws(StageError) -> Value
    ) async throws(StageError) -> Value {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { [ledger] () throws(StageError) in try work(ledger, cancellation) }
    }
}

extension PipelineSetting {
    /// The setting's path, a key with a dot in quotes: no two settings share it.
    fileprivate var quotedPath: String {
        keys.map { $0.contains(".") ? "\"\(YAMLText.escaped($0))\"" : YAMLText.scalar($0) }.joined(separator: ".")
    }
}
