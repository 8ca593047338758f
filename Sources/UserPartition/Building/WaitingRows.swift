import ArrowStream
import ByteStreams
import Samples

/// All rows taken in so far, by piece: the latest in memory, earlier ones in spill files beside the store.
///
/// Complete after `finish`; from then on several threads may read pieces at once.
struct WaitingRows: Sendable {
    /// What every batch is held to.
    let check: SampleCheck
    /// How rows are told apart.
    let pieces: Pieces
    /// Bytes written to spill files.
    private(set) var bytesSpilled = 0

    private let folder: Folder
    private let plan: MemoryPlan
    /// Rows not yet gathered: small batches are put together, so that a gathering is worth its while.
    private var staged: SampleBatch
    private var stagedBytes = 0
    private var blocks: [RowBlock] = []
    private var blockBytes = 0
    private var spills: [SpillFile] = []
    /// Bytes of all rows of each piece.
    private var pieceBytes: [Int]

    /// Rows that make a block.
    private static let blockRows = 65_536

    /// No rows yet; beyond the plan's bytes they go to spill files in `folder`.
    init(_ schema: SampleSchema, buckets: Int, plan: MemoryPlan, folder: Folder) throws(StageError) {
        check = try SampleCheck(incoming: schema)
        pieces = Pieces(buckets: buckets)
        self.folder = folder
        self.plan = plan
        staged = SampleBatch(schema)
        pieceBytes = Array(repeating: 0, count: pieces.count)
    }

    /// Takes in one batch; writes all rows to a spill file when they are too many for memory.
    mutating func add(_ batch: SampleBatch) throws(StageError) {
        guard batch.correctedLabels == nil else {
            throw StageError(
                .data, "the samples have corrected labels, which a store does not hold",
                advice: "partition first, then correct")
        }
        try check.check(batch)
        // A stream that was partitioned before is split anew.
        var batch = batch
        batch.parts = nil
        let bytes = batch.byteCount
        if staged.count + batch.count > Self.blockRows || stagedBytes + bytes > plan.blockBytes { try gatherStaged() }
        if batch.count >= Self.blockRows || bytes >= plan.blockBytes {
            try gather(batch)
        } else {
            staged.append(contentsOf: 0..<batch.count, of: batch)
            stagedBytes += bytes
        }
    }

    /// To be called after the last batch. Leaves rows in memory only where there is room to sort beside them.
    ///
    /// - Parameter threads: how many threads will sort at once.
    mutating func finish(threads: Int) throws(StageError) {
        try gatherStaged()
        staged = SampleBatch(check.schema)
        let sorting = min(pieceBytes.max() ?? 0, plan.sortBytes) * threads * 3
        if !spills.isEmpty || blockBytes + sorting > plan.waitingBytes + plan.waitingBytes / 7 { try spill() }
    }

    /// Bytes of the rows of a piece.
    func byteCount(of piece: Int) -> Int { pieceBytes[piece] }

    /// Hands on the rows of a piece in input order, as ranges of batches of up to some MiB.
    func forEachRange(
        of piece: Int, _ body: (SampleBatch, Range<Int>) throws(StageError) -> Void
    ) throws(StageError) {
        for spill in spills {
            try spill.forEachBatch(of: piece, in: folder) { batch throws(StageError) in try body(batch, 0..<batch.count)
            }
        }
        for block in blocks {
            let range = block.range(of: piece)
            if !range.isEmpty { try body(block.rows, range) }
        }
    }

    private mutating func gatherStaged() throws(StageError) {
        guard staged.count > 0 else { return }
        let batch = staged
        staged = SampleBatch(check.schema, reserving: min(Self.blockRows, batch.count))
        stagedBytes = 0
        try gather(batch)
    }

    private mutating func gather(_ batch: SampleBatch) throws(StageError) {
        let block = RowBlock(batch, pieces)
        for piece in pieceBytes.indices { pieceBytes[piece] += block.rows.rowBytes(block.range(of: piece)) }
        blocks.append(block)
        blockBytes += block.byteCount
        if blockBytes > plan.waitingBytes { try spill() }
    }

    /// Writes all gathered rows to a spill file.
    private mutating func spill() throws(StageError) {
        guard !blocks.isEmpty else { return }
        let file = try SpillFile(
            StoreLayout.temporary("spill-\(spills.count)"), of: blocks, schema: check.schema, pieces: pieces,
            folder: folder)
        bytesSpilled += file.byteCount
        spills.append(file)
        blocks = []
        blockBytes = 0
    }
}
