import ByteStreams
import Samples
import Synchronization

/// A run folder's `stages.json` while a run works in the folder. It never vouches for what does not stand there: a step is
/// struck off before its results go, and entered after they came. So a process may be killed at any moment.
///
/// Calls block, but for `init` and those that say so. The folder is one run's; that run's tasks share this.
final class RunLedger: Sendable {
    private struct State {
        var record: RunRecord
        /// What this run has struck off: it still says what was different.
        var struck = RunRecord()
        /// Whether files were found unchanged whose stamps are not written yet.
        var hasNewStamps = false
    }

    private let folder: RunFolder
    private let isUnreadable: Bool
    private let state: Mutex<State>

    /// The most bytes that a record may have: 9999 buckets take some 3 MB.
    private static let mostBytes = 64 << 20

    private init(_ folder: RunFolder, _ record: RunRecord?) {
        self.folder = folder
        isUnreadable = record == nil
        state = Mutex(State(record: record ?? RunRecord()))
    }

    /// The ledger of `folder`. A record that is no record, or of another format, is as good as none. Does not block.
    static func open(_ folder: RunFolder) async throws(StageError) -> RunLedger {
        RunLedger(folder, FileTree.exists(folder.stages) ? try await read(folder.stages) : RunRecord())
    }

    /// Reads a record; nil for a file that is none. Does not block.
    static func read(_ path: String) async throws(StageError) -> RunRecord? {
        do throws(StageError) {
            return try RunRecord(json: try await FileContents.read(path, limit: mostBytes), name: path)
        } catch {
            if error.code == .data { return nil }
            throw error
        }
    }

    // MARK: What is recorded

    /// The sources' files as they were when last read. Does not block.
    var sources: [FileRecord] {
        state.withLock { $0.record[RunStep(.partition)] ?? $0.struck[RunStep(.partition)] }?.sources ?? []
    }

    /// A result of an earlier step as the input of a later one. Does not block.
    func input(_ result: String) -> StepOrigin.Input {
        let files = state.withLock { $0.record.entries.flatMap(\.results) }
        return StepOrigin.Input(name: result, sha256: files.first { $0.name == result }?.sha256)
    }

    /// Why a step of this origin is to be done, as far as the record alone tells; nil if it was finished, and nothing in its
    /// origin is different. Does not block.
    func difference(to origin: StepOrigin) -> RedoReason? {
        let (standing, struck) = state.withLock { ($0.record[origin.step], $0.struck[origin.step]) }
        guard let entry = standing ?? struck else {
            if isUnreadable { return .unreadableRecord }
            let result = RunFolder.results(of: origin.step).last ?? ""
            return FileTree.exists(folder.place(of: result)) ? .notRecorded : .new
        }
        if let difference = entry.origin.difference(to: origin) { return difference }
        if entry.fingerprint != origin.fingerprint { return .recordChanged }
        return standing == nil ? .earlierStep : nil
    }

    /// Why a step of this origin is to be done; nil if it was finished, nothing in its origin is different, and its results
    /// stand in the folder as they were made.
    func reasonToDo(_ origin: StepOrigin, cancellation: Cancellation) throws(StageError) -> RedoReason? {
        if let difference = difference(to: origin) { return difference }
        guard var entry = state.withLock({ $0.record[origin.step] }) else { return .new }
        for (index, result) in entry.results.enumerated() {
            let found = try result.compared(with: folder.place(of: result.name), cancellation: cancellation)
            switch found {
            case .same(let file): entry.results[index] = file
            case .changed: return .resultChanged(result.name)
            case .missing: return .resultMissing(result.name)
            }
        }
        note(entry)
        return nil
    }

    /// Takes over the stamps that the sources' files were found with. Does not block.
    func note(sources: [FileRecord]) {
        guard var entry = state.withLock({ $0.record[RunStep(.partition)] }) else { return }
        entry.sources = sources
        note(entry)
    }

    private func note(_ entry: RunRecord.Entry) {
        state.withLock { state in
            guard state.record[entry.origin.step] != entry else { return }
            state.record[entry.origin.step] = entry
            state.hasNewStamps = true
        }
    }

    // MARK: What is done

    /// Before steps are done: strikes them off, and the summary with them, and removes their results but the store.
    func strike(_ steps: [RunStep]) throws(StageError) {
        let steps = steps + [RunStep(.evaluate)]
        try strike(alsoRemoving: steps) { steps.contains($0.origin.step) }
    }

    /// Before a result takes its place: strikes off the steps that were made from another one, and removes their results.
    func strikeDependents(of result: String, unless sha256: String) throws(StageError) {
        try strike { entry in entry.origin.inputs.contains { $0.name == result && $0.sha256 != sha256 } }
    }

    /// Strikes off the steps of seeds that are not among these, and the summary if there are such, and removes every result
    /// that no entry names. To be called while no step is being done.
    func sweep(keeping seeds: [UInt64]? = nil) throws(StageError) {
        let steps = state.withLock { $0.record.entries.map(\.origin.step) }
        let gone = steps.filter { step in
            guard let seeds, let seed = step.seed else { return false }
            return !seeds.contains(seed)
        }
        if !gone.isEmpty { try strike(gone) }
        let kept = state.withLock { Set($0.record.entries.flatMap(\.results).map(\.name)) }
        try folder.removeResults(except: kept)
    }

    /// Enters a finished step, whose results stand in the folder, and how long it took since it began.
    func enter(
        _ origin: StepOrigin, since start: ContinuousClock.Instant, results: [FileRecord], sources: [FileRecord] = []
    ) throws(StageError) {
        let milliseconds = ((ContinuousClock.now - start) / .milliseconds(1)).rounded()
        try state.withLock { state throws(StageError) in
            state.record[origin.step] = RunRecord.Entry(
                origin: origin, fingerprint: origin.fingerprint, results: results, sources: sources,
                seconds: milliseconds / 1000)
            try write(&state)
        }
    }

    /// Writes down stamps that are newer than those in the file, so that the next run need not read what this one has read.
    func saveStamps() {
        // A folder that may only be read is none the worse for it.
        state.withLock { state in if state.hasNewStamps { try? write(&state) } }
    }

    private func strike(
        alsoRemoving steps: [RunStep] = [], where isGone: (RunRecord.Entry) -> Bool
    ) throws(StageError) {
        try state.withLock { state throws(StageError) in
            let gone = state.record.remove(where: isGone)
            for entry in gone { state.struck[entry.origin.step] = entry }
            if !gone.isEmpty { try write(&state) }
            // The summary first: a folder with one is whole.
            let all = Set(steps + gone.map(\.origin.step)).sorted { $0.stage > $1.stage }
            for step in all where step.stage != .partition {
                for name in RunFolder.results(of: step) { try FileTree.removeFile(folder.place(of: name)) }
                if step.stage == .evaluate { try FileTree.removeFile(folder.report) }
            }
        }
    }

    private func write(_ state: inout State) throws(StageError) {
        let file = try OutputFile(path: folder.stages)
        try file.write(state.record.json)
        try file.publish()
        state.hasNewStamps = false
    }
}
