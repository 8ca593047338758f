import Samples

/// Some thousand rows of the input, gathered by piece; within a piece they keep the input's order.
struct RowBlock: Sendable {
    /// The rows.
    let rows: SampleBatch
    /// Bytes of the rows and of the table of pieces.
    let byteCount: Int

    /// Where each piece begins, and the end.
    private let starts: [UInt32]

    /// The rows of `batch`, fewer than 2³².
    init(_ batch: SampleBatch, _ pieces: Pieces) {
        let hashes = UserHash.hashes(of: batch.users)
        var ends = [UInt32](repeating: 0, count: pieces.count + 1)
        for hash in hashes { ends[UserHash.slice(hash, of: pieces.count) + 1] += 1 }
        for piece in 0..<pieces.count { ends[piece + 1] += ends[piece] }
        starts = ends
        var order = [UInt32](repeating: 0, count: batch.count)
        for (row, hash) in hashes.enumerated() {
            let piece = UserHash.slice(hash, of: pieces.count)
            order[Int(ends[piece])] = UInt32(row)
            ends[piece] += 1
        }
        var gathered = SampleBatch(batch.schema, reserving: batch.count)
        gathered.append(gathering: order[...], of: batch)
        rows = gathered
        byteCount = gathered.byteCount + starts.count * 4
    }

    /// The rows of a piece.
    func range(of piece: Int) -> Range<Int> { Int(starts[piece])..<Int(starts[piece + 1]) }
}
