import CKernels

/// Moves one class of every table's rows: sums each row's gradient over the shards, in their order, and applies the
/// rule.
struct TableSlice: Sendable {
    /// A table's memory.
    ///
    /// Sendable because slices divide the rows up by the class of their ids; used within one phase of a step.
    struct Table: @unchecked Sendable {
        let values: UnsafeMutableBufferPointer<Float>
        let state: UnsafeMutableBufferPointer<Float>
        let width: Int
        let rows: Int
    }

    private var touched = TouchedIDs()
    /// For each touched id the row in the shard that touched it first: there the sum is made.
    private var sums: [Int] = []

    /// Rows whose memory is fetched before they are moved.
    private static let rowsAhead = 16

    /// Moves the rows of class `class` that the shards touched. Their gradients are summed in place.
    mutating func move(
        _ table: Table, _ shards: [UnsafeShardGradient.Table], class index: Int, _ rule: UpdateRule, stateWidth: Int
    ) {
        let most = shards.reduce(0) { $0 + $1.classes[index].count }
        guard most > 0, let values = table.values.baseAddress else { return }
        touched.clear()
        touched.reserve(most, below: table.rows)
        if sums.count < most { sums = [Int](repeating: 0, count: max(most, 2 * sums.count)) }
        let width = table.width
        sums.withUnsafeMutableBufferPointer { sums in
            touched.withNumbering { numbering in
                for shard in shards {
                    guard let gradient = shard.values else { continue }
                    shard.ids.withUnsafeBufferPointer { ids in
                        shard.classes[index].withUnsafeBufferPointer { places in
                            for place in places {
                                let row = gradient + Int(place) * width
                                let (number, isNew) = numbering.number(ids[Int(place)])
                                if isNew {
                                    sums[number] = Int(bitPattern: row)
                                } else if let sum = UnsafeMutablePointer<Float>(bitPattern: sums[number]) {
                                    VectorKernels.add(row, scaledBy: 1, to: sum, count: width)
                                }
                            }
                        }
                    }
                }
            }
        }
        let state = table.state.baseAddress
        touched.withIDs { ids in
            for start in stride(from: 0, to: ids.count, by: Self.rowsAhead) {
                let part = start..<min(start + Self.rowsAhead, ids.count)
                // Rows lie all over a large table: asked for one after another, before any is used, they arrive
                // together.
                for number in part {
                    let first = Int(ids[number]) * width
                    plumb_prefetch(values + first, width)
                    if let state { plumb_prefetch(state + first * stateWidth, width * stateWidth) }
                }
                for number in part {
                    guard let sum = UnsafePointer<Float>(bitPattern: sums[number]) else { continue }
                    let first = Int(ids[number]) * width
                    rule.apply(
                        values + first, sum, state.map { $0 + first * stateWidth }, stateStride: width, count: width)
                }
            }
        }
    }
}

/// Moves a range of the dense parameters likewise.
///
/// Sendable because slices divide the range up; used within one phase of a step.
struct DenseSlice: @unchecked Sendable {
    let parameters: UnsafeMutableBufferPointer<Float>
    let state: UnsafeMutableBufferPointer<Float>
    let gradients: [UnsafeMutablePointer<Float>?]
    let rule: UpdateRule

    /// Moves `range`.
    func move(_ range: Range<Int>) {
        let start = range.lowerBound
        let gradients = gradients.compactMap { $0.map { UnsafePointer($0 + start) } }
        gradients.withUnsafeBufferPointer { gradients in
            guard let values = parameters.baseAddress, let first = gradients.baseAddress else { return }
            rule.apply(
                values + start, sumOf: first, shards: gradients.count, state.baseAddress.map { $0 + start },
                stateStride: parameters.count, count: range.count)
        }
    }
}
