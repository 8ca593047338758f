import ArrowStream
import ByteStreams
import CTRModels
import Samples
import UserPartition

/// One pass of `finetune` over a store into files, gone on with where an earlier one stopped.
struct FineTuningPass {
    let stage: FineTuningStage
    let store: PartitionStore
    let output: FineTuningOutput
    let threads: Int
    let report: FineTuningReport
    let timings: FineTuningTimings?
    /// Seconds from one checkpoint to the next at least.
    var secondsApart = 2.0
    let onEvent: @Sendable (FineTuningStage.Event) -> Void

    private let thread = BlockingThread()

    init(
        _ stage: FineTuningStage, _ store: PartitionStore, to output: FineTuningOutput, threads: Int,
        report: FineTuningReport, timings: FineTuningTimings?,
        onEvent: @escaping @Sendable (FineTuningStage.Event) -> Void
    ) {
        self.stage = stage
        self.store = store
        self.output = output
        self.threads = threads
        self.report = report
        self.timings = timings
        self.onEvent = onEvent
    }

    /// Writes everything and publishes it.
    func run() async throws(StageError) -> StreamCounts {
        guard output.checkpointing != .none, store.identity == store.manifest.fingerprint,
            paths.allSatisfy(OutputFile.isRegular(at:))
        else { return try await runAtOnce() }
        return try await runByBuckets()
    }

    /// Without checkpoints.
    private func runAtOnce() async throws(StageError) -> StreamCounts {
        let sink = try await ByteSink(path: output.predictions)
        var sides: [ByteSink?] = []
        for path in [output.usersTable, output.overlays] {
            if let path { sides.append(try await ByteSink(path: path)) } else { sides.append(nil) }
        }
        let written = try await predictions(from: 0, usersTable: sides[0], overlays: sides[1])
            .write(to: sink, as: output.format)
        try await Self.publish(sides)
        return written
    }

    /// Publishes what stands beside the predictions, after these: a kill before leaves all of it to be gone on with.
    private static func publish(_ sides: [ByteSink?]) async throws(StageError) {
        for side in sides {
            do throws(StageError) {
                try await side?.publish()
            } catch {
                guard error.code == .closedPipe && side?.isStandardOutput == true else { throw error }
            }
        }
    }

    private func predictions(
        from bucket: Int, usersTable: ByteSink?, overlays: ByteSink?
    ) -> FineTuningSequence<ThreadedSequence<SampleBatch>> {
        stage.predictions(
            for: store.localDatasets(fromBucket: bucket), threads: threads, report: report, usersTable: usersTable,
            overlays: overlays, timings: timings)
    }

    // MARK: By buckets

    /// The files in the order of the checkpoint's.
    private var paths: [String] { [output.predictions] + [output.usersTable, output.overlays].compactMap(\.self) }

    private func runByBuckets() async throws(StageError) -> StreamCounts {
        let path = FineTuningCheckpoint.path(of: output.predictions)
        let (start, hashes) = try await thread.run { () throws(StageError) in try findStart(path) }
        // From here on the files are this process's: each is locked.
        let files = try await thread.run { () throws(StageError) in
            var files: [OutputFile] = []
            for (index, file) in paths.enumerated() {
                let bytes = index < start.files.count ? start.files[index].bytes : 0
                files.append(try OutputFile(path: file, continuingAt: bytes))
            }
            if start.buckets == 0 { try FileTree.removeFile(path) }
            return files
        }
        if start.buckets > 0 { onEvent(.resumed(users: start.report.counts.users)) }
        report.restore(start.report)
        var checkpoint = CheckpointWriter(
            path: path, record: start, hashes: hashes, files: files, ends: store.manifest.buckets.runningUsers,
            secondsApart: secondsApart, thread: thread)
        var sides = files.dropFirst().map { ByteSink($0) }[...]
        let usersTable = output.usersTable == nil ? nil : sides.popFirst()
        let overlays = output.overlays == nil ? nil : sides.popFirst()
        var counts = StreamCounts()
        counts.rows = start.rows
        counts.batches = start.batches
        counts.bytes = start.files.first?.bytes ?? 0
        let written = try await predictions(from: start.buckets, usersTable: usersTable, overlays: overlays)
            .write(
                to: ByteSink(files[0]), as: output.format,
                continuing: StartedStream(PredictionStreamEncoder(schema: stage.schema), counts)
            ) { counts throws(StageError) in
                try await checkpoint.advance(users: report.counts.users, counts, report.record)
            }
        try await Self.publish([usersTable, overlays])
        try await thread.run { () throws(StageError) in try FileTree.removeFile(path) }
        return written
    }

    /// The checkpoint that is gone on from, empty for a new pass, and its files' hashes. Blocks.
    private func findStart(_ path: String) throws(StageError) -> (FineTuningCheckpoint, [PartialFileHash]) {
        var origin = stage.schema.fingerprints
        origin["global_ctr"] = "\(stage.schema.globalCTR)"
        origin["seed"] = "\(stage.schema.seed)"
        origin["output"] = output.format.rawValue
        origin["maker"] = output.maker
        origin["arithmetic"] = CTRModel.arithmetic
        let anew = FineTuningCheckpoint(origin: origin)
        let none = paths.map { PartialFileHash(of: $0) }
        guard output.checkpointing == .resume, FileTree.exists(path) else { return (anew, none) }
        guard let found = try FineTuningCheckpoint.load(path), found.buckets <= store.manifest.buckets.count else {
            onEvent(.startedAnew("it is damaged"))
            return (anew, none)
        }
        guard found.origin == anew.origin else {
            onEvent(.startedAnew("it is of another store, model, seed, version or processor, or of other settings"))
            return (anew, none)
        }
        guard found.files.map(\.path) == paths else {
            onEvent(.startedAnew("it is of other files"))
            return (anew, none)
        }
        var hashes = none
        for index in hashes.indices {
            do throws(StageError) {
                try hashes[index].advance(to: found.files[index].bytes)
            } catch {
                // What the machine refuses to read may well be right.
                guard error.code == .data else { throw error }
            }
            guard hashes[index].record == found.files[index] else {
                onEvent(.startedAnew("\(OutputFile.partialPath(of: paths[index])) is not what was written"))
                return (anew, none)
            }
        }
        return (found, hashes)
    }
}

/// Writes a checkpoint now and then when a bucket is finished.
private struct CheckpointWriter {
    let path: String
    var record: FineTuningCheckpoint
    var hashes: [PartialFileHash]
    let files: [OutputFile]
    /// For each bucket the users up to its end.
    let ends: [Int]
    let secondsApart: Double
    let thread: BlockingThread
    private var last = ContinuousClock.now

    init(
        path: String, record: FineTuningCheckpoint, hashes: [PartialFileHash], files: [OutputFile], ends: [Int],
        secondsApart: Double, thread: BlockingThread
    ) {
        self.path = path
        self.record = record
        self.hashes = hashes
        self.files = files
        self.ends = ends
        self.secondsApart = secondsApart
        self.thread = thread
    }

    /// To be called after each batch, with all that is written so far.
    mutating func advance(
        users: Int, _ counts: StreamCounts, _ report: FineTuningReport.Record
    ) async throws(StageError) {
        // No batch spans two buckets, so a bucket's end is some batch's; buckets without users end with the one before.
        guard let bucket = ends.lastIndex(of: users), bucket >= record.buckets,
            (ContinuousClock.now - last) / .seconds(1) >= secondsApart
        else { return }
        record.buckets = bucket + 1
        record.rows = counts.rows
        record.batches = counts.batches
        record.report = report
        let (hashes, record) = try await thread.run {
            [hashes, record, files, path] () throws(StageError) in
            var (hashes, record) = (hashes, record)
            for (index, file) in files.enumerated() { try hashes[index].advance(to: file.bytesWritten) }
            record.files = hashes.map(\.record)
            for file in files { file.keep() }
            let file = try OutputFile(path: path)
            try file.write(record.json)
            try file.publish()
            return (hashes, record)
        }
        self.hashes = hashes
        self.record = record
        last = .now
    }
}

extension [PartitionManifest.Bucket] {
    /// For each bucket the users up to its end.
    fileprivate var runningUsers: [Int] {
        var sum = 0
        return map { bucket in
            sum += bucket.users
            return sum
        }
    }
}
