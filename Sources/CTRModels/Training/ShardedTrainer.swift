/// Trains a model on batches cut into shards, which several threads may work on at once.
///
/// A step has two phases. First each shard does its forward and backward pass into a gradient of its own; then slices
/// of the parameters, ranges of the dense ones and classes of each table's touched ids, each sum their part of the
/// gradient over the shards in the shards' order and move their parameters. How a batch is cut depends on its number of
/// rows alone, so the result is the same bits for any number of threads: those of `Optimizer.step` on the shards'
/// gradients, added in order.
///
/// This has no threads itself. Whoever calls lends it some: `perform` runs a closure for every number below a count, in
/// any order, on any threads, and returns when all are done.
///
///     var trainer = ShardedTrainer(model, optimizer)
///     for rows in batches {
///         trainer.optimizer.learningRate = rate
///         let loss = trainer.step(input, rows: rows, labels: labels) { count, body in
///             DispatchQueue.concurrentPerform(iterations: count, execute: body)
///         }
///     }
///
/// Memory beside model and optimiser: one dense gradient a shard, and scratch and touched rows for a batch; nothing
/// goes with the size of the tables.
public struct ShardedTrainer: Sendable {
    /// Runs the closure for 0, 1, … below a count, each once, and returns after all of them.
    public typealias Perform = (_ count: Int, _ body: @Sendable (Int) -> Void) -> Void

    /// The model that is trained.
    public var model: CTRModel
    /// How it moves.
    public var optimizer: Optimizer
    private var shards: [BatchShard] = []
    private var slices: [TableSlice]
    private let workspaces = WorkspacePool()
    private let passRows: Int

    /// A shard has at least so many rows, unless it is the whole batch.
    static let fewestShardRows = 64
    /// A batch has at most so many shards.
    static let mostShards = 8
    /// Rows of one pass at most: longer shards are several passes, so that scratch memory does not grow with the batch.
    static let mostPassRows = 1024
    /// Likewise where each row also has a history's positions.
    static let mostHistoryPassRows = 64
    /// Rows scored in one pass at most.
    static let mostScoredRows = 128
    /// Dense parameters of one slice at most.
    private static let denseSliceCount = 4096

    /// Trains `model` by `optimizer`, which was made for it.
    public init(_ model: CTRModel, _ optimizer: Optimizer) {
        self.model = model
        self.optimizer = optimizer
        slices = [TableSlice](repeating: TableSlice(), count: IDClasses.count)
        passRows = model.architecture.histories.isEmpty ? Self.mostPassRows : Self.mostHistoryPassRows
    }

    /// The shards of a batch of so many rows: even parts, end to end.
    public static func shards(of rows: Int) -> [Range<Int>] {
        let count = max(1, min(mostShards, rows / fewestShardRows))
        return (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
    }

    /// One step down the mean cross-entropy over `rows`; parameters as of `CTRModel.lossAndGradient`.
    ///
    /// In a training pass Dice normalises each shard, or pass of one, by its own statistics; the running ones follow
    /// the whole batch.
    ///
    /// - Returns: the loss before the step. Where it is not finite, the parameters are of no use.
    @discardableResult
    public mutating func step(
        _ input: ModelInput, rows: ArraySlice<Int32>, labels: [Float], weights: [Float]? = nil,
        mode: PassMode = .frozen, perform: Perform
    ) -> Double {
        model.checkParameters()
        optimizer.checkState(against: model.parameters)
        let parts = Self.shards(of: rows.count)
        while shards.count < parts.count { shards.append(BatchShard(for: model)) }
        Self.run(
            &shards, parts.count, model, input,
            parts.map { rows[rows.startIndex + $0.lowerBound..<rows.startIndex + $0.upperBound] },
            labels: labels, weights: weights, batchRows: rows.count, mode: mode, passRows: passRows,
            workspaces: workspaces, perform: perform)
        follow(parts.count)
        let loss = shards[..<parts.count].reduce(0) { $0 + $1.loss }
        Self.move(
            &model.parameters, &optimizer, &shards, parts.count, &slices, perform: perform)
        return loss
    }

    /// The logits of an input, in the order of its rows. Shards score at once; the result is the same for any number of
    /// threads and whatever was done before.
    public mutating func logits(_ input: ModelInput, perform: Perform) -> [Float] {
        model.checkParameters()
        let parts = Self.shards(of: input.count)
        while shards.count < parts.count { shards.append(BatchShard(for: model)) }
        Self.score(
            &shards, parts, model, input, passRows: min(passRows, Self.mostScoredRows), workspaces: workspaces,
            perform: perform)
        var logits: [Float] = []
        logits.reserveCapacity(input.count)
        for (index, part) in parts.enumerated() { logits += shards[index].logits[part] }
        return logits
    }

    /// Runs `body` on the memory of every table and of its optimiser's state, where they stay while steps are made.
    package func forEachTableMemory(_ body: (UnsafeRawBufferPointer) -> Void) {
        for table in model.parameters.tables { table.values.withUnsafeBytes(body) }
        for state in optimizer.tables { state.withUnsafeBytes(body) }
    }

    private static func score(
        _ shards: inout [BatchShard], _ parts: [Range<Int>], _ model: CTRModel, _ input: ModelInput, passRows: Int,
        workspaces: WorkspacePool, perform: Perform
    ) {
        shards.withUnsafeMutableBufferPointer { shards in
            // Each shard is touched by the one call that has its number.
            let shards = DisjointElements(shards)
            perform(parts.count) { index in
                shards[index].score(
                    model, input, rows: parts[index], passRows: passRows, workspaces: workspaces)
            }
        }
    }

    /// Takes the batch's statistics over into the model's running ones.
    private mutating func follow(_ count: Int) {
        guard model.parameters.layout.observedCount > 0 else { return }
        var observed = [Double](repeating: 0, count: model.parameters.layout.observedCount)
        for shard in shards[..<count] {
            for index in observed.indices { observed[index] += shard.gradient.observed[index] }
        }
        model.parameters.follow(observed)
    }

    /// The first phase.
    private static func run(
        _ shards: inout [BatchShard], _ count: Int, _ model: CTRModel, _ input: ModelInput,
        _ rows: [ArraySlice<Int32>], labels: [Float], weights: [Float]?, batchRows: Int, mode: PassMode,
        passRows: Int, workspaces: WorkspacePool, perform: Perform
    ) {
        var firstPlaces = [0]
        for part in rows { firstPlaces.append((firstPlaces.last ?? 0) + part.count) }
        let places = firstPlaces
        shards.withUnsafeMutableBufferPointer { shards in
            // Each shard is touched by the one call that has its number.
            let shards = DisjointElements(shards)
            perform(count) { index in
                shards[index].run(
                    model, input, rows: rows[index], labels: labels, weights: weights, batchRows: batchRows,
                    firstPlace: places[index], mode: mode, passRows: min(max(1, rows[index].count), passRows),
                    workspaces: workspaces)
            }
        }
    }

    /// The second phase.
    private static func move(
        _ parameters: inout Parameters, _ optimizer: inout Optimizer, _ shards: inout [BatchShard], _ count: Int,
        _ slices: inout [TableSlice], perform: Perform
    ) {
        let rules = optimizer.nextRules()
        let stateWidth = optimizer.stateWidth
        let tableCount = parameters.tables.count
        let denseCount = parameters.dense.count
        let denseSlices = (denseCount + denseSliceCount - 1) / denseSliceCount
        let gradients = (0..<count).map { shards[$0].unsafeGradient() }
        let tableGradients = (0..<tableCount).map { table in gradients.map { $0.tables[table] } }
        parameters.dense.withUnsafeMutableBufferPointer { dense in
            optimizer.dense.withUnsafeMutableBufferPointer { denseState in
                let denseSlice = DenseSlice(
                    parameters: dense, state: denseState, gradients: gradients.map(\.dense), rule: rules.dense)
                withTablePointers(&parameters.tables, &optimizer.tables) { tables in
                    slices.withUnsafeMutableBufferPointer { slices in
                        // Each slice is touched by the one call that has its number.
                        let slices = DisjointElements(slices)
                        // Tables first: they take longest.
                        perform(slices.count + denseSlices) { index in
                            if index < slices.count {
                                for table in 0..<tableCount {
                                    slices[index].move(
                                        tables[table], tableGradients[table], class: index, rules.rows,
                                        stateWidth: stateWidth)
                                }
                            } else {
                                let start = (index - slices.count) * denseSliceCount
                                denseSlice.move(start..<min(start + denseSliceCount, denseCount))
                            }
                        }
                    }
                }
            }
        }
    }

    /// Runs `body` with the memory of all tables and their state.
    private static func withTablePointers(
        _ tables: inout [EmbeddingTable], _ states: inout [[Float]], _ found: [TableSlice.Table] = [],
        _ body: ([TableSlice.Table]) -> Void
    ) {
        guard var table = tables.popLast(), var state = states.popLast() else { return body(found.reversed()) }
        // Both are taken out for the time and so have one owner each: nothing is copied.
        let width = table.width
        let bound = table.rows
        table.values.withUnsafeMutableBufferPointer { values in
            state.withUnsafeMutableBufferPointer { state in
                withTablePointers(
                    &tables, &states,
                    found + [TableSlice.Table(values: values, state: state, width: width, rows: bound)], body)
            }
        }
        tables.append(table)
        states.append(state)
    }
}

/// An array's elements, each to be used by one thread alone.
///
/// Sendable because whoever makes one gives every index to one call only, and lets it live no longer than the array's
/// buffer.
struct DisjointElements<Element>: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Element>?
    let count: Int

    init(_ elements: UnsafeMutableBufferPointer<Element>) {
        base = elements.baseAddress
        count = elements.count
    }

    subscript(index: Int) -> Element {
        unsafeAddress {
            guard let base, index < count else { preconditionFailure("no such element") }
            return UnsafePointer(base + index)
        }
        nonmutating unsafeMutableAddress {
            guard let base, index < count else { preconditionFailure("no such element") }
            return base + index
        }
    }
}
