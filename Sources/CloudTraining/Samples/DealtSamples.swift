import ByteStreams
import CTRModels
import Samples

/// All samples that training looks at, in memory where they fit in its share and otherwise in a scratch file.
///
/// Train samples are dealt into chunks, each sample by a hash of the seed and its number, so that every chunk is a fair
/// draw of all; an epoch then need not hold more than one chunk at once to go through the samples in random order.
/// Validation samples stay in order, in blocks. How many chunks and blocks there are, and what is in them, depends on
/// the samples and the seed, never on memory.
struct DealtSamples: Sendable {
    /// Rows of a validation block but the last.
    static let blockRows = 8192

    /// Rows of a chunk or block, wherever they lie.
    private struct Pile: Sendable {
        var inMemory: SampleColumns
        var spilled: [SpilledRows] = []
    }

    /// Number of train samples.
    private(set) var trainCount = 0
    /// Number of validation samples.
    private(set) var validationCount = 0
    let kinds: [SampleSchema.Kind]
    private let key: UInt64
    private let memoryBytes: Int
    private let makeScratch: @Sendable () throws(StageError) -> ScratchFile
    private var chunks: [Pile]
    private var blocks: [Pile] = []
    private var scratch: ScratchFile?
    private var bytesInMemory = 0

    /// No samples yet.
    ///
    /// - Parameters:
    ///   - kinds: what each field's column holds.
    ///   - chunkCount: the chunks to deal into, 1 or more.
    ///   - memoryBytes: the most bytes of samples in memory; where that is not enough, `makeScratch` is called once.
    init(
        _ kinds: [SampleSchema.Kind], chunkCount: Int, seed: UInt64, memoryBytes: Int,
        makeScratch: @escaping @Sendable () throws(StageError) -> ScratchFile
    ) {
        self.kinds = kinds
        self.memoryBytes = memoryBytes
        self.makeScratch = makeScratch
        var random = SplitMix64(seed: seed, name: "cloud chunks")
        key = random.next()
        chunks = [Pile](repeating: Pile(inMemory: SampleColumns(kinds)), count: chunkCount)
    }

    /// Number of chunks, some of which may be empty.
    var chunkCount: Int { chunks.count }
    /// Number of validation blocks.
    var blockCount: Int { blocks.count }
    /// Bytes in the scratch file.
    var bytesSpilled: Int { scratch?.size ?? 0 }

    // MARK: Taking in

    /// Deals out train samples.
    mutating func addTrain(_ rows: [Range<Int>], of columns: SampleColumns) throws(StageError) {
        // Row numbers, sorted by chunk.
        var parts = [[UInt32]](repeating: [], count: chunks.count)
        for range in rows {
            for row in range {
                parts[chunk(of: trainCount)].append(UInt32(row))
                trainCount += 1
            }
        }
        for (index, part) in parts.enumerated() where !part.isEmpty {
            let before = chunks[index].inMemory.byteCount
            try chunks[index].inMemory.append(gathering: part[...], of: columns)
            bytesInMemory += chunks[index].inMemory.byteCount - before
        }
        try spillIfFull()
    }

    /// The chunk of a train sample by its number.
    private func chunk(of number: Int) -> Int {
        if chunks.count == 1 { return 0 }
        var random = SplitMix64(seed: key &+ UInt64(number))
        return Int(random.next().multipliedFullWidth(by: UInt64(chunks.count)).high)
    }

    /// Takes in validation samples of one user, who has a number of its own.
    mutating func addValidation(_ rows: Range<Int>, of columns: SampleColumns, user: UInt32) throws(StageError) {
        var start = rows.lowerBound
        while start < rows.upperBound {
            if validationCount % Self.blockRows == 0 { blocks.append(Pile(inMemory: SampleColumns(kinds))) }
            let room = Self.blockRows - validationCount % Self.blockRows
            let part = start..<min(rows.upperBound, start + room)
            let last = blocks.count - 1
            let before = blocks[last].inMemory.byteCount
            try blocks[last].inMemory.append(contentsOf: part, of: columns, user: user)
            bytesInMemory += blocks[last].inMemory.byteCount - before
            validationCount += part.count
            start = part.upperBound
        }
        try spillIfFull()
    }

    /// To be called after the last sample.
    mutating func finish() throws(StageError) {
        if scratch != nil { try spill() }
    }

    private mutating func spillIfFull() throws(StageError) {
        // Once samples spill, half of the memory is enough to write them in long pieces.
        if bytesInMemory > (scratch == nil ? memoryBytes : memoryBytes / 2) { try spill() }
    }

    private mutating func spill() throws(StageError) {
        let file: ScratchFile
        if let scratch { file = scratch } else { file = try makeScratch() }
        scratch = file
        for index in chunks.indices { try spill(&chunks[index], to: file) }
        for index in blocks.indices { try spill(&blocks[index], to: file) }
        bytesInMemory = 0
    }

    private func spill(_ pile: inout Pile, to file: ScratchFile) throws(StageError) {
        guard pile.inMemory.count > 0 else { return }
        pile.spilled.append(try SpilledRows(pile.inMemory, to: file))
        pile.inMemory = SampleColumns(kinds)
    }

    // MARK: Giving out

    /// The train samples of one chunk, in the store's order.
    func chunk(_ index: Int) throws(StageError) -> SampleColumns { try rows(of: chunks[index]) }

    /// The validation samples of one block, in the store's order.
    func block(_ index: Int) throws(StageError) -> SampleColumns { try rows(of: blocks[index]) }

    private func rows(of pile: Pile) throws(StageError) -> SampleColumns {
        guard let scratch, !pile.spilled.isEmpty else { return pile.inMemory }
        return try SpilledRows.read(pile.spilled, kinds: kinds, from: scratch)
    }
}
