import Samples

/// Reads a sorted bucket ahead of whoever draws negatives: a train sample must not meet any positive of its user's train
/// part, the later ones included.
struct PositivesScout {
    /// One user's items with a positive sample, by part.
    struct Positives {
        var train: Set<UInt32> = []
        /// Of validation and train.
        var validation: Set<UInt32> = []
        /// Of all parts.
        var test: Set<UInt32> = []

        /// Items that a sample of a part must not be drawn from.
        func unwanted(_ part: Part) -> Set<UInt32> {
            switch part {
            case .train: train
            case .validation: validation
            case .test: test
            }
        }
    }

    private let file: SampleFile
    private let item: Int
    private var batch: SampleBatch?
    private var users: ArraySlice<Range<Int>> = []

    /// Reads a bucket from its start.
    init(_ file: SampleFile, item: Int) {
        self.file = file
        self.item = item
    }

    /// The next user's positives.
    mutating func next() throws(StageError) -> Positives {
        var positives = Positives()
        var goesOn = true
        while goesOn {
            if users.isEmpty {
                batch = try file.nextBatch()
                users = batch?.userRanges[...] ?? []
                guard let batch else { break }
                if batch.count == 0 { continue }
            }
            guard let batch, let rows = users.popFirst() else { break }
            add(rows, of: batch, to: &positives)
            goesOn = users.isEmpty && batch.continuesUser
        }
        positives.validation.formUnion(positives.train)
        positives.test.formUnion(positives.validation)
        return positives
    }

    private func add(_ rows: Range<Int>, of batch: SampleBatch, to positives: inout Positives) {
        guard case .categorical(let items) = batch.features[item], let parts = batch.parts else { return }
        for row in rows where batch.labels[row] == 1 {
            switch parts[row] {
            case .train: positives.train.insert(items[row])
            case .validation: positives.validation.insert(items[row])
            case .test: positives.test.insert(items[row])
            }
        }
    }
}
