import Samples

/// What a worker made of a chunk. Dictionary ids in it are the worker's own; whoever takes the chunks in order gives them
/// the log's.
struct ParsedChunk: Sendable {
    /// The worker that made it, from 0.
    var worker: Int
    /// The file or entry that it is from.
    var stream: LogStream
    /// Whether it is the stream's first.
    var isFirst: Bool
    /// Lines that end in it.
    var lineCount: Int
    /// Its samples; groups count from 0 at the chunk's first row until the chunk's own place is known.
    var batches: [ParsedBatch] = []
    /// Whether the worker threw its keys away before this chunk and numbers them anew.
    var restartsKeys = false
    /// The keys that the worker met first in this chunk, one column a dictionary feature of the log, in order of the ids
    /// that it gave them.
    var newKeys: [TextColumn] = []
    /// Rows that made no sample, in order.
    var rejects: RejectList
    /// Rows that became samples; from a row with an empty list of impressions none comes.
    var rowsKept = 0
    /// Samples without a partner in the side table, one count a join.
    var missCounts: [Int] = []
    /// The clicks that samples have, where another log holds them.
    var clicks: [Range<UInt32>] = []
}
