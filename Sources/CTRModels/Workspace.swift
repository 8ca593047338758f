/// All scratch memory of a model's passes: what its layers keep between forward and backward. Make one a thread and use
/// it again and again; it serves every model of the same layers, in particular all restricted copies of one model.
///
/// Memory: some floats a row from the start (`rows` of them), and for models that read histories some floats a
/// position, which grow with the longest pass so far.
public struct Workspace: Sendable {
    /// Rows that one pass takes at most; longer requests are cut into passes.
    public let rows: Int
    let plan: ScratchPlan
    private var rowValues: [Float]
    private var passValues: [Float]
    private var positionValues: [Float] = []
    /// Where each row's positions start in a pass, and where the last ends.
    private var starts: [Int32]
    /// Row numbers of a pass that was asked for as a range.
    var rowNumbers: [Int32]

    init(rows: Int, plan: ScratchPlan) {
        precondition(rows > 0, "a workspace needs room for at least one row")
        self.rows = rows
        self.plan = plan
        rowValues = [Float](repeating: 0, count: rows * plan.floatsPerRow)
        passValues = [Float](repeating: 0, count: plan.floatsPerPass)
        starts = [Int32](repeating: 0, count: rows + 1)
        rowNumbers = [Int32](repeating: 0, count: rows)
    }

    /// Runs `body` on one pass over `rows`, of which there are at most `self.rows`.
    mutating func withBatch<Result>(
        of input: ModelInput, rows: UnsafeBufferPointer<Int32>, mode: PassMode, firstPlace: Int,
        _ body: (Batch) -> Result
    ) -> Result {
        precondition(rows.count <= self.rows)
        var isInside = true
        for row in rows { isInside = isInside && row >= 0 && row < input.count }
        precondition(isInside, "a row outside the input")
        let positions = findPositions(of: rows, in: input)
        let wanted = positions * plan.floatsPerPosition
        if positionValues.count < wanted {
            let grown = max(wanted, positionValues.count + positionValues.count / 2)
            positionValues.append(contentsOf: repeatElement(0, count: grown - positionValues.count))
        }
        let (rowCapacity, positionCapacity) = (self.rows, positionValues.count / max(1, plan.floatsPerPosition))
        return rowValues.withUnsafeMutableBufferPointer { rowValues in
            passValues.withUnsafeMutableBufferPointer { passValues in
                positionValues.withUnsafeMutableBufferPointer { positionValues in
                    starts.withUnsafeBufferPointer { starts in
                        body(
                            Batch(
                                input: input, rows: rows, mode: mode, firstPlace: firstPlace, positions: positions,
                                starts: starts, rowValues: rowValues, passValues: passValues,
                                positionValues: positionValues, rowCapacity: rowCapacity,
                                positionCapacity: positionCapacity))
                    }
                }
            }
        }
    }

    /// Fills `starts`; gives the number of positions. Traps if a row's histories differ in length.
    private mutating func findPositions(of rows: UnsafeBufferPointer<Int32>, in input: ModelInput) -> Int {
        guard let first = plan.historyColumns.first else { return 0 }
        guard case .multivalued(let offsets, _) = input.columns[first] else { return 0 }
        var total: Int32 = 0
        for (place, row) in rows.enumerated() {
            starts[place] = total
            total += offsets[Int(row) + 1] - offsets[Int(row)]
        }
        starts[rows.count] = total
        for column in plan.historyColumns.dropFirst() {
            guard case .multivalued(let others, _) = input.columns[column] else { continue }
            var isAligned = true
            for row in rows.lazy.map({ Int($0) }) {
                isAligned = isAligned && others[row + 1] - others[row] == offsets[row + 1] - offsets[row]
            }
            precondition(isAligned, "a row's histories are of different lengths")
        }
        return Int(total)
    }
}

/// A place in a workspace: a number of floats for every row, every position of the rows' histories, or the pass, side
/// by side with the other layers' places.
struct ScratchSlot: Sendable, Hashable {
    enum Unit: Sendable, Hashable { case row, position, pass }

    fileprivate let unit: Unit
    fileprivate let start: Int
}

/// Deals out places in a workspace while a model is put together.
struct ScratchPlan: Sendable, Hashable {
    private(set) var floatsPerRow = 0
    private(set) var floatsPerPosition = 0
    private(set) var floatsPerPass = 0
    /// The columns of the input whose lists are the positions.
    var historyColumns: [Int] = []

    /// A matrix of [rows, `width`], [positions, `width`] or [1, `width`].
    mutating func add(width: Int, per unit: ScratchSlot.Unit = .row) -> ScratchSlot {
        switch unit {
        case .row:
            defer { floatsPerRow += width }
            return ScratchSlot(unit: unit, start: floatsPerRow)
        case .position:
            defer { floatsPerPosition += width }
            return ScratchSlot(unit: unit, start: floatsPerPosition)
        case .pass:
            defer { floatsPerPass += width }
            return ScratchSlot(unit: unit, start: floatsPerPass)
        }
    }
}

/// One batch on its way through the layers: which rows of which input, and the scratch memory. Valid only inside
/// `Workspace.withBatch`, which has checked every row number and owns memory for all rows and positions.
struct Batch {
    let input: ModelInput
    let rows: UnsafeBufferPointer<Int32>
    let mode: PassMode
    /// Place of the first row in the batch that this is a part of.
    let firstPlace: Int
    /// Positions in all rows' histories together.
    let positions: Int
    /// Row `i`'s positions are `starts[i]..<starts[i + 1]`; meaningless for models without histories.
    let starts: UnsafeBufferPointer<Int32>
    fileprivate let rowValues: UnsafeMutableBufferPointer<Float>
    fileprivate let passValues: UnsafeMutableBufferPointer<Float>
    fileprivate let positionValues: UnsafeMutableBufferPointer<Float>
    fileprivate let rowCapacity: Int
    fileprivate let positionCapacity: Int

    /// Number of rows.
    var count: Int { rows.count }

    /// The positions of one row's history.
    func positions(of place: Int) -> Range<Int> { Int(starts[place])..<Int(starts[place + 1]) }

    /// The matrix at `slot`: [count, width], [positions, width] or [1, width], row-major. Different slots do not
    /// overlap.
    ///
    /// A matrix without positions has no memory: its pointer is not to be read or written.
    subscript(slot: ScratchSlot) -> UnsafeMutablePointer<Float> {
        let (values, offset) =
            switch slot.unit {
            case .row: (rowValues, slot.start * rowCapacity)
            case .position: (positionValues, slot.start * positionCapacity)
            case .pass: (passValues, slot.start)
            }
        // Only a model without any position has no memory for them; the rows', which is never empty, stands in.
        guard let base = values.baseAddress ?? rowValues.baseAddress else { preconditionFailure("an empty workspace") }
        return base + (values.baseAddress == nil ? 0 : offset)
    }
}
