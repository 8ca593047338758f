/// What a memory limit is spent on while a store is made.
struct MemoryPlan: Sendable, Hashable {
    /// Bytes of rows that wait in memory; beyond it they go to spill files.
    let waitingBytes: Int
    /// Most bytes of rows that are gathered by piece at once.
    let blockBytes: Int
    /// Bytes of rows that one thread sorts at once; what is more goes through runs in temporary files.
    let sortBytes: Int

    /// What the process needs beside rows: its code, the stream it reads, buffers of files.
    private static let overheadBytes = 96 << 20

    /// A plan for so many bytes and threads that sort.
    ///
    /// Sorting takes about three times the rows' bytes (the rows, their order, the batches that are written), and it starts
    /// when no rows wait in memory any more, or so few that both fit.
    init(memoryBytes: Int, threads: Int) {
        // Below twice the overhead there is no honest way to stay within the limit; the rows then take half of it.
        let rows = max(memoryBytes - Self.overheadBytes, memoryBytes / 2)
        waitingBytes = max(1, rows / 8 * 7)
        blockBytes = max(4 << 10, min(4 << 20, waitingBytes / 8))
        // Columns tell places by 32 bits: below 1 GiB no column of a sort can outgrow them.
        sortBytes = max(1, min(rows / (3 * threads), 1 << 30))
    }
}
