/// The gradient of one embedding table: only the rows that a batch touched, in order of first touch. Its memory goes
/// with the largest batch, not with the table.
public struct TableGradient: Sendable {
    /// Numbers a row.
    public private(set) var width: Int
    /// Rows of the table that this belongs to.
    public private(set) var tableRows: Int
    private var touched = TouchedIDs()
    // The first `count` rows are in use; the rest is capacity.
    private var valueStorage: [Float] = []

    init(for table: EmbeddingTable) {
        width = table.width
        tableRows = table.rows
    }

    /// Number of touched rows.
    public var count: Int { touched.count }

    /// The touched rows' ids; never 0, none twice.
    public var ids: ArraySlice<UInt32> { touched.ids }

    /// The touched rows' gradients in the order of `ids`: `count` × `width`, row-major.
    public var values: ArraySlice<Float> { valueStorage[..<(count * width)] }

    /// Runs `body` on the touched rows: their ids, and their gradients [ids, width].
    func withRows(_ body: (_ ids: UnsafeBufferPointer<UInt32>, _ values: UnsafePointer<Float>) -> Void) {
        touched.withIDs { ids in
            valueStorage.withUnsafeBufferPointer { values in
                guard let values = values.baseAddress else { return }
                body(ids, values)
            }
        }
    }

    /// The touched rows' gradients [ids, width], to be changed in place; nil if there was never a row.
    ///
    /// Valid for as long as this is neither changed nor copied nor released: whoever asks keeps it so.
    mutating func unsafeValues() -> UnsafeMutablePointer<Float>? {
        valueStorage.withUnsafeMutableBufferPointer { $0.baseAddress }
    }

    /// Forgets all touched rows. Cost: the look-up table, at most 16 bytes a row of the largest batch.
    mutating func clear() {
        touched.clear()
    }

    /// Empty, and of the size of `table`; allocates only to grow.
    mutating func reset(for table: EmbeddingTable) {
        clear()
        width = table.width
        tableRows = table.rows
    }

    /// Adds another gradient of the same table, row by row in its order.
    mutating func add(_ other: TableGradient) {
        precondition(width == other.width && tableRows == other.tableRows, "gradients of two tables")
        accumulate(atMost: other.count) { rows in
            other.withRows { ids, values in
                for (place, id) in ids.enumerated() {
                    rows.add(values + place * other.width, scaledBy: 1, count: other.width, nil, to: Int(id))
                }
            }
        }
    }

    /// Adds strength · (w − origin) for the rows that are in this.
    mutating func addPull(of table: EmbeddingTable, towards origin: EmbeddingTable, strength: Float) {
        let width = width
        touched.withIDs { ids in
            valueStorage.withUnsafeMutableBufferPointer { slopes in
                table.values.withUnsafeBufferPointer { weights in
                    origin.values.withUnsafeBufferPointer { origin in
                        guard let slopes = slopes.baseAddress, let weights = weights.baseAddress,
                            let origin = origin.baseAddress
                        else { return }
                        for (place, id) in ids.enumerated() {
                            let (slope, start) = (slopes + place * width, Int(id) * width)
                            VectorKernels.add(
                                weights + start, less: origin + start, scaledBy: strength, to: slope, count: width)
                        }
                    }
                }
            }
        }
    }

    /// Runs `body` with write access to rows by id, of which it touches at most `lookups` new ones.
    mutating func accumulate(atMost lookups: Int, _ body: (inout RowAccumulator) -> Void) {
        touched.reserve(lookups, below: tableRows)
        let capacity = min(tableRows, count + lookups) * width
        if capacity > valueStorage.count {
            let grown = max(capacity, min(tableRows * width, 2 * valueStorage.count))
            valueStorage.append(contentsOf: repeatElement(0, count: grown - valueStorage.count))
        }
        let width = width
        valueStorage.withUnsafeMutableBufferPointer { values in
            // Without capacity there is nothing to look up.
            guard let values = values.baseAddress else { return }
            touched.withNumbering { numbering in
                var rows = RowAccumulator(numbering: numbering, values: values, width: width)
                body(&rows)
                numbering = rows.numbering
            }
        }
    }
}

/// Write access to a table gradient's rows by id. Valid only inside `TableGradient.accumulate`, which made room for
/// every row that may be touched.
struct RowAccumulator {
    fileprivate var numbering: TouchedIDs.Numbering
    fileprivate let values: UnsafeMutablePointer<Float>
    fileprivate let width: Int

    /// Adds scale · x to row `id`: the first `count` numbers of it from `x`, and `last`, if there is one, to the number
    /// behind them. All else of a row that is touched for the first time is 0. `id` is at least 1 and below the table's
    /// rows.
    @inline(__always)
    mutating func add(
        _ x: UnsafePointer<Float>, scaledBy scale: Float, count: Int, _ last: Float?, to id: Int
    ) {
        let (number, isNew) = numbering.number(UInt32(truncatingIfNeeded: id))
        let row = values + number * width
        if isNew {
            let used = count + (last == nil ? 0 : 1)
            if used < width { (row + used).update(repeating: 0, count: width - used) }
            VectorKernels.set(row, to: x, scaledBy: scale, count: count)
            if let last { row[count] = last * scale }
        } else {
            VectorKernels.add(x, scaledBy: scale, to: row, count: count)
            if let last { row[count] += last * scale }
        }
    }
}
