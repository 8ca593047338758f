/// All scratch memory of a model's passes: what its layers keep between forward and backward. Make one a thread and use it
/// again and again; it serves every model of the same layers, in particular all restricted copies of one model.
public struct Workspace: Sendable {
    /// Rows that one pass takes at most; longer requests are cut into passes.
    public let rows: Int
    let floatsPerRow: Int
    var values: [Float]
    /// Row numbers of a pass that was asked for as a range.
    var rowNumbers: [Int32]

    init(rows: Int, floatsPerRow: Int) {
        precondition(rows > 0, "a workspace needs room for at least one row")
        self.rows = rows
        self.floatsPerRow = floatsPerRow
        values = [Float](repeating: 0, count: rows * floatsPerRow)
        rowNumbers = [Int32](repeating: 0, count: rows)
    }

    /// Runs `body` on one pass over `rows`, of which there are at most `self.rows`.
    mutating func withBatch<Result>(
        of input: ModelInput, rows: UnsafeBufferPointer<Int32>, _ body: (Batch) -> Result
    ) -> Result {
        precondition(rows.count <= self.rows)
        var isInside = true
        for row in rows { isInside = isInside && row >= 0 && row < input.count }
        precondition(isInside, "a row outside the input")
        let capacity = self.rows
        return values.withUnsafeMutableBufferPointer { values in
            // Never nil: a workspace has rows, and every model at least logits.
            guard let base = values.baseAddress else { preconditionFailure("an empty workspace") }
            return body(Batch(input: input, rows: rows, base: base, capacity: capacity))
        }
    }
}

/// A place in a workspace: a number of floats for every row, side by side with the other layers' places.
struct ScratchSlot: Sendable {
    fileprivate let start: Int
}

/// Deals out places in a workspace while a model is put together.
struct ScratchPlan: Sendable {
    private(set) var floatsPerRow = 0

    /// A matrix of [rows, `width`].
    mutating func add(width: Int) -> ScratchSlot {
        defer { floatsPerRow += width }
        return ScratchSlot(start: floatsPerRow)
    }
}

/// One batch on its way through the layers: which rows of which input, and the scratch memory. Valid only inside
/// `Workspace.withBatch`, which has checked every row number and owns memory for `capacity` ≥ `count` rows.
struct Batch {
    let input: ModelInput
    let rows: UnsafeBufferPointer<Int32>
    fileprivate let base: UnsafeMutablePointer<Float>
    fileprivate let capacity: Int

    /// Number of rows.
    var count: Int { rows.count }

    /// The matrix at `slot`: [count, width], row-major. Different slots do not overlap.
    subscript(slot: ScratchSlot) -> UnsafeMutablePointer<Float> {
        base + slot.start * capacity
    }
}
