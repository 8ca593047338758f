/// One shard of a batch: what its rows' loss and gradient come to.
struct BatchShard: Sendable {
    private(set) var gradient: Gradient
    private var classes: [IDClasses]
    /// Its part of the batch's mean loss.
    private(set) var loss = 0.0
    /// Of the input that was last scored; those of other shards' rows are of no use.
    private(set) var logits: [Float] = []

    init(for model: CTRModel) {
        gradient = Gradient(for: model)
        classes = gradient.tables.map { _ in IDClasses() }
    }

    /// Forward and backward over its rows.
    mutating func run(
        _ model: CTRModel, _ input: ModelInput, rows: ArraySlice<Int32>, labels: [Float], weights: [Float]?,
        batchRows: Int, firstPlace: Int, mode: PassMode, passRows: Int, workspaces: WorkspacePool
    ) {
        loss = workspaces.withWorkspace(rows: passRows, of: model) { workspace in
            model.lossAndGradient(
                input, rows: rows, labels: labels, weights: weights, batchRows: batchRows, firstPlace: firstPlace,
                mode: mode, replacing: true, workspace: &workspace, gradient: &gradient)
        }
        for table in classes.indices { classes[table].sort(gradient.tables[table].ids) }
    }

    /// Scores some rows of an input, in passes of at most `passRows`, into `logits`.
    mutating func score(
        _ model: CTRModel, _ input: ModelInput, rows: Range<Int>, passRows: Int, workspaces: WorkspacePool
    ) {
        if logits.count != input.count { logits = [Float](repeating: 0, count: input.count) }
        workspaces.withWorkspace(rows: passRows, of: model) { workspace in
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: passRows) {
                model.logits(
                    input, rows: start..<min(start + passRows, rows.upperBound), workspace: &workspace, into: &logits)
            }
        }
    }

    /// The gradient's memory, to be read and summed in place until this is next touched.
    mutating func unsafeGradient() -> UnsafeShardGradient {
        UnsafeShardGradient(
            dense: gradient.dense.withUnsafeMutableBufferPointer { $0.baseAddress },
            tables: classes.indices.map { table in
                UnsafeShardGradient.Table(
                    values: gradient.tables[table].unsafeValues(), ids: gradient.tables[table].ids,
                    classes: classes[table])
            })
    }
}

/// Where a shard's gradient lies.
///
/// Sendable because slices of the parameters divide it up: each reads and writes its own range of the dense part and
/// the rows of its own class of ids. It is used only while the shards' array is not touched otherwise, within one phase
/// of a step.
struct UnsafeShardGradient: @unchecked Sendable {
    /// Sendable as the whole is: `values` points to the rows of one table's gradient, of which each slice touches only
    /// those whose ids are of its class, and what says which they are is not changed.
    struct Table: @unchecked Sendable {
        let values: UnsafeMutablePointer<Float>?
        let ids: ArraySlice<UInt32>
        let classes: IDClasses
    }

    let dense: UnsafeMutablePointer<Float>?
    let tables: [Table]
}
