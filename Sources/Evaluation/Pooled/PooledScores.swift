import ByteStreams
import Samples

/// All rows of one arm, to be gone through in rising order of their scores: in memory up to a bound, beyond it in sorted runs in a
/// temporary file, which are merged.
struct PooledScores: Sendable {
    /// One row. 16 bytes.
    struct Row: BitwiseCopyable, Sendable {
        let score: Double
        /// Twice the user's number, and 1 more for a positive row.
        let tag: UInt32

        var user: Int { Int(tag >> 1) }
        var isPositive: Bool { tag & 1 == 1 }
    }

    private var rows: [Row] = []
    private let mostRows: Int
    private let scratch: @Sendable () throws(StageError) -> ScratchFile
    private var file: ScratchFile?
    /// Rows of each sorted run in the file, one behind the other.
    private var runs: [Int] = []
    /// Number of rows, and of positive ones among them.
    private(set) var count = 0
    private(set) var positives = 0

    /// Most users that tags can number.
    static let mostUsers = Int(UInt32.max >> 1)

    /// No rows; of `mostRows` at a time in memory, at least 1.
    init(mostRows: Int, scratch: @escaping @Sendable () throws(StageError) -> ScratchFile) {
        self.mostRows = max(1, mostRows)
        self.scratch = scratch
    }

    /// Adds a row of a user who is one of the first `mostUsers`. The score is finite.
    mutating func append(_ score: Double, user: Int, isPositive: Bool) throws(StageError) {
        if rows.count == mostRows { try spill() }
        rows.append(Row(score: score, tag: UInt32(truncatingIfNeeded: user << 1 | (isPositive ? 1 : 0))))
        count += 1
        positives += isPositive ? 1 : 0
    }

    /// Runs `body` on every row in rising order of scores, in which rows of one score have no order. Once, at the end; the rows
    /// are then released. Cost: O(n log n).
    mutating func forEachInOrder(_ body: (Row) -> Void) throws(StageError) {
        rows.sort { $0.score < $1.score }
        guard let file else {
            for row in rows { body(row) }
            rows = []
            return
        }
        try spill()
        rows = []
        // All runs' blocks together take about as much memory as the rows did.
        var merge = try Merge(file, runs: runs, blockRows: min(8192, max(64, mostRows / runs.count)))
        while let row = try merge.next() { body(row) }
        self.file = nil
    }

    private mutating func spill() throws(StageError) {
        if rows.isEmpty { return }
        rows.sort { $0.score < $1.score }
        let file: ScratchFile
        if let known = self.file { file = known } else { file = try scratch() }
        self.file = file
        try file.append(rows[...])
        runs.append(rows.count)
        rows.removeAll(keepingCapacity: true)
    }

    /// The runs of a file as one.
    private struct Merge {
        /// What is left of one run.
        struct Run {
            var block: [Row] = []
            var next = 0
            /// Where the next block begins, and where the run ends, in bytes.
            var offset: Int
            let end: Int
        }

        private let file: ScratchFile
        /// Rows of a run that are read at once.
        private let blockRows: Int
        private var runs: [Run] = []
        /// Runs with a row left, as a heap by their next score.
        private var heap: [(score: Double, run: Int)] = []

        init(_ file: ScratchFile, runs counts: [Int], blockRows: Int) throws(StageError) {
            self.file = file
            self.blockRows = blockRows
            var offset = 0
            for (index, count) in counts.enumerated() {
                let end = offset + count * MemoryLayout<Row>.stride
                runs.append(Run(offset: offset, end: end))
                offset = end
                try fill(index)
                heap.append((runs[index].block[0].score, index))
            }
            for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
        }

        mutating func next() throws(StageError) -> Row? {
            guard let first = heap.first?.run else { return nil }
            let row = runs[first].block[runs[first].next]
            runs[first].next += 1
            if runs[first].next == runs[first].block.count { try fill(first) }
            if runs[first].next < runs[first].block.count {
                heap[0].score = runs[first].block[runs[first].next].score
            } else {
                heap.swapAt(0, heap.count - 1)
                heap.removeLast()
            }
            sink(0)
            return row
        }

        /// Reads the next block of a run; an empty one at its end.
        private mutating func fill(_ index: Int) throws(StageError) {
            let stride = MemoryLayout<Row>.stride
            let count = min(blockRows, (runs[index].end - runs[index].offset) / stride)
            if runs[index].block.count != count {
                runs[index].block = Array(repeating: Row(score: 0, tag: 0), count: count)
            }
            try file.read(into: &runs[index].block, 0..<count, at: runs[index].offset)
            runs[index].offset += count * stride
            runs[index].next = 0
        }

        private mutating func sink(_ start: Int) {
            var place = start
            while true {
                var child = 2 * place + 1
                guard child < heap.count else { return }
                if child + 1 < heap.count && heap[child + 1].score < heap[child].score { child += 1 }
                if heap[place].score <= heap[child].score { return }
                heap.swapAt(place, child)
                place = child
            }
        }
    }
}
