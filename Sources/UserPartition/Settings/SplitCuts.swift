/// Finds where a user's parts end from times that come one after another: `Split.parts(times:)` for a user whose samples are
/// not in memory.
struct SplitCuts {
    private let split: Split
    private let count: Int
    /// Where the parts are to end; nil where only times tell.
    private let wanted: (train: Int, validation: Int)?
    private var found: (train: Int, validation: Int)
    private var row = 0
    /// Where the run of equal times begins that goes on, and its time.
    private var run: (start: Int, time: Int64)?

    /// Of a user with `count` samples.
    init(_ split: Split, count: Int) {
        self.split = split
        self.count = count
        wanted = split.cuts(count: count)
        found = wanted ?? (0, 0)
    }

    /// Takes in the next time, which is never before the one before it.
    mutating func add(_ time: Int64) {
        if case .dates(let validationFrom, let testFrom) = split {
            if time < validationFrom { found.train += 1 }
            if time < testFrom { found.validation += 1 }
        } else if run?.time != time {
            endRun()
            run = (row, time)
        }
        row += 1
    }

    /// Where the parts end; to be asked once all times are in.
    mutating func finish() -> (trainEnd: Int, validationEnd: Int) {
        if wanted != nil { endRun() }
        return (found.train, found.validation)
    }

    private mutating func endRun() {
        guard let run, let wanted else { return }
        if wanted.train > run.start && wanted.train < row {
            found.train = split.moved(wanted.train, outOf: run.start..<row)
        }
        if wanted.validation > run.start && wanted.validation < row {
            found.validation = split.moved(wanted.validation, outOf: run.start..<row)
        }
    }
}
