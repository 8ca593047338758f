import ArrowStream
import Samples

/// Rows that found no room in memory: one temporary file beside the store, piece after piece, each piece in one place.
struct SpillFile: Sendable {
    /// The file's size.
    let byteCount: Int

    private let name: String
    private let headerBytes: Int
    /// Where each piece's batches begin, and how many rows they hold.
    private let offsets: [Int]
    private let rows: [Int]

    /// Most bytes of rows in a batch of the file, unless one block's share is larger.
    private static let batchBytes = 1 << 20

    /// Writes all rows of `blocks`.
    init(
        _ name: String, of blocks: [RowBlock], schema: SampleSchema, pieces: Pieces, folder: Folder
    ) throws(StageError) {
        self.name = name
        let encoder = SampleStreamEncoder(schema: schema, partitioned: false, corrected: false)
        let file = try StoreFile(creating: name, in: folder, isHashed: false)
        try file.write(encoder.start())
        headerBytes = file.bytesWritten
        var offsets: [Int] = []
        var rows: [Int] = []
        for piece in 0..<pieces.count {
            offsets.append(file.bytesWritten)
            var batch = SampleBatch(schema)
            var bytes = 0
            var count = 0
            for block in blocks {
                let range = block.range(of: piece)
                if range.isEmpty { continue }
                count += range.count
                let more = block.rows.rowBytes(range)
                if batch.count > 0 && (bytes + more > Self.batchBytes || !batch.fits(range, of: block.rows)) {
                    try file.write(encoder.encode(batch))
                    batch = SampleBatch(schema)
                    bytes = 0
                }
                batch.append(contentsOf: range, of: block.rows)
                bytes += more
            }
            if batch.count > 0 { try file.write(encoder.encode(batch)) }
            rows.append(count)
        }
        try file.write(encoder.end())
        try file.close()
        self.offsets = offsets
        self.rows = rows
        byteCount = file.bytesWritten
    }

    /// Hands on the batches of a piece, in input order.
    func forEachBatch(
        of piece: Int, in folder: Folder, _ body: (SampleBatch) throws(StageError) -> Void
    ) throws(StageError) {
        guard rows[piece] > 0 else { return }
        let file = try SampleFile(
            try StoreFileReader(opening: name, in: folder), headerBytes: headerBytes, from: offsets[piece])
        var left = rows[piece]
        while left > 0 {
            guard let batch = try file.nextBatch(), batch.count > 0, batch.count <= left else {
                throw StageError(
                    .environment, "a temporary file was changed while it was in use",
                    at: SourcePosition(file: "\(folder.path)/\(name)"))
            }
            left -= batch.count
            try body(batch)
        }
    }
}
