import ByteStreams
public import Samples

/// What `evaluate` looks at, and how.
public struct EvaluationSettings: Sendable, Hashable {
    /// The part whose rows are evaluated; predictions hold validation and test rows.
    public var part: Part
    /// k of NDCG@k and of hits in the first k places, at least 1.
    public var top: Int
    /// How intervals are found.
    public var bootstrap: UserBootstrap
    /// Scores that are held in memory at most, in bytes; what is beyond goes to temporary files. Changes no result.
    public var memoryBytes: Int
    /// Where temporary files stand; nil: where the system has them.
    public var scratchFolder: String?
    /// Threads for intervals. Changes no result.
    public var threads: Int

    /// Settings; by default the test part, the first 10 places, 256 MiB and one thread.
    public init(
        part: Part = .test, top: Int = 10, bootstrap: UserBootstrap = UserBootstrap(), memoryBytes: Int = 256 << 20,
        scratchFolder: String? = nil, threads: Int = 1
    ) {
        self.part = part
        self.top = top
        self.bootstrap = bootstrap
        self.memoryBytes = memoryBytes
        self.scratchFolder = scratchFolder
        self.threads = threads
    }
}

extension EvaluationSettings {
    /// Makes the temporary files.
    var makeScratch: @Sendable () throws(StageError) -> ScratchFile {
        { [scratchFolder] () throws(StageError) in
            let folder = scratchFolder ?? FileTree.temporaryFolder
            return try ScratchFile(at: "\(folder)/.plumb-evaluate-\(UInt64.random(in: 0 ... .max))")
        }
    }
}
