import Samples

/// Merges sorted runs into one order: by hash of the user's key, key, time, and for equals by the run.
struct RunMerger {
    /// One run, at a row that was not yet taken.
    private struct Head {
        let file: SampleFile
        var batch: SampleBatch
        var row = 0
        var hash: UInt64

        /// Nil for a run without rows.
        init?(_ run: SampleSpool) throws(StageError) {
            file = try run.reader()
            guard let first = try file.nextBatch(), first.count > 0 else { return nil }
            batch = first
            hash = UserHash.hash(0, of: first.users)
        }

        /// Goes past some rows; false at the end of the run.
        mutating func advance(to next: Int) throws(StageError) -> Bool {
            row = next
            if row == batch.count {
                guard let following = try file.nextBatch(), following.count > 0 else { return false }
                batch = following
                row = 0
            }
            hash = UserHash.hash(row, of: batch.users)
            return true
        }

        /// Whether this run's row stands before another's, which is later in the input if `isTieFirst`.
        func precedes(_ other: Head, isTieFirst: Bool) -> Bool {
            if hash != other.hash { return hash < other.hash }
            guard batch.users.isEqual(row, to: other.batch.users, other.row) else {
                return batch.users.precedes(row, other.batch.users, other.row)
            }
            let (time, otherTime) = (batch.times[row], other.batch.times[other.row])
            return time != otherTime ? time < otherTime : isTieFirst
        }

        /// The end of the rows, this one's included, of this one's user that stand before another run's row.
        func end(before other: Head?, isTieFirst: Bool) -> Int {
            var end = row + 1
            let isUserShared = other.map { batch.users.isEqual(row, to: $0.batch.users, $0.row) } ?? false
            let limit = other.map { $0.batch.times[$0.row] } ?? 0
            while end < batch.count, batch.users.isEqual(end, to: batch.users, row) {
                let time = batch.times[end]
                if isUserShared && (isTieFirst ? time > limit : time >= limit) { break }
                end += 1
            }
            return end
        }
    }

    private var heads: [Head]
    private let batchBytes: Int

    /// A merger of `runs`, which are in the order of the input.
    init(_ runs: ArraySlice<SampleSpool>, batchBytes: Int) throws(StageError) {
        heads = []
        for run in runs {
            if let head = try Head(run) { heads.append(head) }
        }
        self.batchBytes = batchBytes
    }

    /// Hands on all rows in order, in batches of about `batchBytes`.
    mutating func merge(_ body: (SampleBatch) throws(StageError) -> Void) throws(StageError) {
        guard let schema = heads.first?.batch.schema else { return }
        var batch = SampleBatch(schema)
        var bytes = 0
        while !heads.isEmpty {
            let (first, second) = firstTwo()
            // Rows of one user in one run come in long stretches where the log is in order of time.
            let range =
                heads[first]
                .row..<heads[first].end(
                    before: second.map { heads[$0] }, isTieFirst: second.map { first < $0 } ?? true)
            let more = heads[first].batch.rowBytes(range)
            if batch.count > 0 && bytes + more > batchBytes {
                try body(batch)
                batch = SampleBatch(schema)
                bytes = 0
            }
            batch.append(contentsOf: range, of: heads[first].batch)
            bytes += more
            if try !heads[first].advance(to: range.upperBound) { heads.remove(at: first) }
        }
        if batch.count > 0 { try body(batch) }
    }

    /// The run whose row comes first, and the one whose row comes next if there is another.
    private func firstTwo() -> (first: Int, second: Int?) {
        var first = 0
        var second: Int?
        for other in heads.indices.dropFirst() {
            if heads[other].precedes(heads[first], isTieFirst: false) {
                second = first
                first = other
            } else if second.map({ heads[other].precedes(heads[$0], isTieFirst: other < $0) }) ?? true {
                second = other
            }
        }
        return (first, second)
    }
}
