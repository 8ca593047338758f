import ByteStreams
import LocalStages
import LogIngest
import Samples
import UserPartition

extension RunWork {
    /// Makes the store, its vocabulary and perhaps its rejects, if they have to be. Returns what came of the log; nil if it was
    /// not read.
    func partition(_ ingest: IngestSettings) async throws(StageError) -> IngestReport? {
        let sources = try await onDisk { [pipeline] (_, _) throws(StageError) in
            try RunSources(ingest, partition: pipeline.partition)
        }
        guard let reason = try await reasonToPartition(sources) else {
            // A run that failed since may have left rejects.
            try await onDisk { (ledger, _) throws(StageError) in try ledger.sweep() }
            return nil
        }
        let start = begin(RunStep(.partition), reason)
        // Read while the ingest reads: what one has fetched from the disk the other need not.
        async let reading = records(of: sources)
        let report = IngestReport()
        let rejects = try await makeStore(sources.settings, report: report)
        try await rejects?.publish()
        try await FileContents.write(report.vocabularyFile(), to: folder.vocabulary)
        let records = await reading
        let changed = try await onDisk { (_, _) throws(StageError) in sources.changedFiles() }
        for path in changed { listener(.changedWhileRead(path: path)) }
        let store = try await PartitionStore.open(folder.store)
        try await onDisk { [self] (ledger, cancellation) throws(StageError) in
            // Of what was changed meanwhile nobody knows which bytes the store is made from.
            let known = (try? records.get())?.filter { !changed.contains($0.name) } ?? []
            try ledger.enter(
                origin(RunStep(.partition), inputs: sources.inputs(known)), since: start,
                results: try results(of: store, hasRejects: rejects != nil, cancellation), sources: known)
        }
        return report
    }

    /// Why the store is to be made; nil if it may be skipped, which is told.
    private func reasonToPartition(_ sources: RunSources) async throws(StageError) -> RedoReason? {
        let step = RunStep(.partition)
        if isAsked(.partition) { return .asked }
        // Most differences show without reading a byte.
        let candidates = sources.candidates(among: ledger.sources)
        let difference = ledger.difference(to: origin(step, inputs: sources.inputs(candidates)))
        if difference == .new { return .new }
        if let reason = sources.obstacle ?? difference { return reason }
        let records = try await records(of: sources).get()
        let reason = try await reasonToDo(origin(step, inputs: sources.inputs(records)))
        if reason == nil { ledger.note(sources: records) }
        return reason
    }

    /// The sources' files and their hashes.
    private func records(of sources: RunSources) async -> Result<[FileRecord], StageError> {
        do throws(StageError) {
            return .success(
                try await onDisk { (ledger, cancellation) throws(StageError) in
                    try sources.records(known: ledger.sources, cancellation: cancellation)
                })
        } catch {
            return .failure(error)
        }
    }

    /// Builds the store. Returns the rows that were rejected; nil if there were none.
    private func makeStore(_ ingest: IngestSettings, report: IngestReport) async throws(StageError) -> RejectFile? {
        // Where no row may be bad, the first that is ends the run, and says so.
        let rejects = ingest.mostRejects == .rows(0) ? nil : try RejectFile(path: folder.rejects)
        var settings = pipeline.partition
        settings.threads = threads
        do throws(StageError) {
            let made = try await LogIngest(ingest).samples(report: report, rejects: rejects, threads: threads)
                .partition(into: folder.store, settings: settings) { [ledger] manifest throws(StageError) in
                    // Until here an earlier run is whole; from here on none of its files stands beside the new store, but
                    // those that are made from the very same one.
                    try ledger.strike([RunStep(.partition)])
                    try ledger.strikeDependents(of: RunFolder.storeName, unless: manifest.fingerprint)
                    try ledger.sweep()
                }
            listener(.partitioned(made.account, made.manifest))
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

    /// The stage's results as they stand in the folder. Blocks. The store's files were hashed when they were written.
    private func results(
        of store: PartitionStore, hasRejects: Bool, _ cancellation: Cancellation
    ) throws(StageError) -> [FileRecord] {
        var results = store.manifest.files.map { name, file in
            FileRecord(name: "\(RunFolder.storeName)/\(name)", bytes: file.bytes, sha256: file.sha256)
        }
        let manifest = RunFolder.results(of: RunStep(.partition))
        for name in manifest + (hasRejects ? [RunFolder.rejectsName] : []) {
            results.append(
                try FileRecord(name: name, readFrom: folder.place(of: name), cancellation: cancellation))
        }
        return results
    }
}
