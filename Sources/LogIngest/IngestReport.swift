public import Samples
import Synchronization

/// What an ingest has done so far and, after its end, what came of it. May be read from any thread at any time.
public final class IngestReport: Sendable {
    /// Running numbers. Rows are those of the log: `rowsRead` = `rowsKept` + `rowsRejected`.
    public struct Progress: Sendable, Hashable {
        /// Rows read, headers and blank lines not counted.
        public var rowsRead: Int { rowsKept + rowsRejected }
        /// Rows that became samples.
        public var rowsKept = 0
        /// Rows that did not.
        public var rowsRejected = 0
        /// Samples that came of the rows kept: one a row, or one an item of an impression list.
        public var samples = 0
        /// Bytes of the files taken in, side tables and clicks included; a file's whole size once it is done.
        public var compressedBytesRead = 0
        /// Sum of all files' sizes; nil if one is a pipe.
        public var compressedBytesTotal: Int?
        /// Bytes of text that came out of them.
        public var decompressedBytes = 0
    }

    /// What came of the clicks that another log holds. Those that stand there twice count once.
    public struct Clicks: Sendable, Hashable {
        /// Clicks read.
        public var count: Int
        /// Clicks that no sample has.
        public var withoutImpression: Int
    }

    private struct State {
        var progress = Progress()
        var vocabularies: [Vocabulary] = []
        var joinMisses: [String: Int] = [:]
        var unseenCounts: [String: Int] = [:]
        var clicks: Clicks?
        var damages: [StageError] = []
        var rejects = RejectTally()
        var sideTableKeys: [String: Int] = [:]
        var logColumns: [String] = []
        var isComplete = false
    }

    private let state = Mutex(State())

    /// A report for one run of one ingest.
    public init() {}

    /// The numbers so far.
    public var progress: Progress { state.withLock { $0.progress } }

    /// Whether every row was read and handed over. Until then `vocabularies` and `joinMisses` are empty.
    public var isComplete: Bool { state.withLock { $0.isComplete } }

    /// One vocabulary a dictionary feature, in the schema's order.
    public var vocabularies: [Vocabulary] { state.withLock { $0.vocabularies } }

    /// Samples whose key stands nowhere in the side table, by joined feature.
    public var joinMisses: [String: Int] { state.withLock { $0.joinMisses } }

    /// Values whose keys do not stand in the vocabulary that was given, by feature.
    public var unseenCounts: [String: Int] { state.withLock { $0.unseenCounts } }

    /// What came of the clicks, where another log holds them; nil before the end.
    public var clicks: Clicks? { state.withLock { $0.clicks } }

    /// The damage that was met where rows before it were to be kept, one error a file.
    public var damages: [StageError] { state.withLock { $0.damages } }

    func add(damage: StageError) { state.withLock { $0.damages.append(damage) } }

    /// The bad rows so far.
    public var rejects: RejectTally { state.withLock { $0.rejects } }

    /// Keys of each side table read so far, by source.
    public var sideTableKeys: [String: Int] { state.withLock { $0.sideTableKeys } }

    /// The columns of the log's first file or entry; empty until its first rows are there.
    public var logColumns: [String] { state.withLock { $0.logColumns } }

    func begin(compressedBytesTotal: Int?) {
        state.withLock {
            $0 = State()
            $0.progress.compressedBytesTotal = compressedBytesTotal
        }
    }

    func add(compressedBytes: Int) {
        state.withLock { $0.progress.compressedBytesRead += compressedBytes }
    }

    func add(decompressedBytes: Int) {
        state.withLock { $0.progress.decompressedBytes += decompressedBytes }
    }

    func add(rowsKept: Int, rowsRejected: Int, samples: Int) {
        state.withLock {
            $0.progress.rowsKept += rowsKept
            $0.progress.rowsRejected += rowsRejected
            $0.progress.samples += samples
        }
    }

    func opened(_ stream: LogStream) {
        state.withLock { if $0.logColumns.isEmpty { $0.logColumns = stream.columns.names } }
    }

    func add(_ rejects: RejectList) {
        state.withLock { state in
            for reject in rejects { state.rejects.add(reject) }
        }
    }

    func add(_ table: SideTable, of source: String) {
        state.withLock { $0.sideTableKeys[source] = table.keyCount }
    }

    /// Completes the report; `files` are the log's, in order, whichever thread met damage first.
    func finish(_ committer: ChunkCommitter, files: [String]) {
        state.withLock {
            $0.damages.sort { a, b in
                (files.firstIndex { $0 == a.position?.file } ?? 0, a.position?.byteOffset ?? 0)
                    < (files.firstIndex { $0 == b.position?.file } ?? 0, b.position?.byteOffset ?? 0)
            }
            $0.vocabularies = committer.vocabularies
            $0.joinMisses = committer.joinMisses
            $0.unseenCounts = committer.unseenCounts
            $0.clicks = committer.clickUse.map { Clicks(count: $0.count, withoutImpression: $0.unusedCount) }
            $0.isComplete = true
        }
    }
}
