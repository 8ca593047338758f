/// The gradient of one embedding table: only the rows that a batch touched, in order of first touch.
public struct TableGradient: Sendable {
    /// Numbers a row.
    public private(set) var width: Int
    /// Number of touched rows.
    public private(set) var count = 0
    // The first `count` are in use; the rest is capacity.
    private var idStorage: [UInt32] = []
    private var valueStorage: [Float] = []
    /// For each row of the table its place among the touched ones plus 1; 0: not touched.
    private var places: [Int32]

    init(for table: EmbeddingTable) {
        width = table.width
        places = [Int32](repeating: 0, count: table.rows)
    }

    /// Rows of the table that this belongs to.
    public var tableRows: Int { places.count }

    /// The touched rows' ids; never 0, none twice.
    public var ids: ArraySlice<UInt32> { idStorage[..<count] }

    /// The touched rows' gradients in the order of `ids`: `count` × `width`, row-major.
    public var values: ArraySlice<Float> { valueStorage[..<(count * width)] }

    /// Runs `body` on the touched rows: their ids, and their gradients [ids, width].
    func withRows(_ body: (_ ids: UnsafeBufferPointer<UInt32>, _ values: UnsafePointer<Float>) -> Void) {
        idStorage.withUnsafeBufferPointer { ids in
            valueStorage.withUnsafeBufferPointer { values in
                guard let values = values.baseAddress else { return }
                body(UnsafeBufferPointer(rebasing: ids[..<count]), values)
            }
        }
    }

    /// Forgets all touched rows. Cost: one store a touched row.
    mutating func clear() {
        for index in 0..<count { places[Int(idStorage[index])] = 0 }
        count = 0
    }

    /// Empty, and of the size of `table`; allocates only to grow.
    mutating func reset(for table: EmbeddingTable) {
        clear()
        width = table.width
        if places.count > table.rows { places.removeLast(places.count - table.rows) }
        if places.count < table.rows {
            places.append(contentsOf: repeatElement(0, count: table.rows - places.count))
        }
    }

    /// Adds another gradient of the same table, row by row in its order.
    mutating func add(_ other: TableGradient) {
        precondition(width == other.width && tableRows == other.tableRows, "gradients of two tables")
        accumulate(atMost: other.count) { rows in
            other.withRows { ids, values in
                for (place, id) in ids.enumerated() {
                    VectorKernels.add(
                        values + place * other.width, scaledBy: 1, to: rows[Int(id)], count: other.width)
                }
            }
        }
    }

    /// Runs `body` with write access to rows by id, of which it touches at most `lookups` new ones.
    mutating func accumulate(atMost lookups: Int, _ body: (inout RowAccumulator) -> Void) {
        let capacity = min(tableRows, count + lookups)
        if capacity > idStorage.count {
            let grown = min(tableRows, max(capacity, 2 * idStorage.count))
            idStorage.append(contentsOf: repeatElement(0, count: grown - idStorage.count))
        }
        if capacity * width > valueStorage.count {
            let grown = max(capacity * width, min(tableRows * width, 2 * valueStorage.count))
            valueStorage.append(contentsOf: repeatElement(0, count: grown - valueStorage.count))
        }
        let width = width
        let count = count
        self.count = places.withUnsafeMutableBufferPointer { places in
            idStorage.withUnsafeMutableBufferPointer { ids in
                valueStorage.withUnsafeMutableBufferPointer { values in
                    // Without capacity there is nothing to look up.
                    guard let places = places.baseAddress, let ids = ids.baseAddress, let values = values.baseAddress
                    else { return count }
                    var rows = RowAccumulator(places: places, ids: ids, values: values, width: width, count: count)
                    body(&rows)
                    return rows.count
                }
            }
        }
    }
}

/// Write access to a table gradient's rows by id. Valid only inside `TableGradient.accumulate`, which sized the buffers:
/// `places` for every id, `ids` and `values` for every row that may be touched.
struct RowAccumulator {
    fileprivate let places: UnsafeMutablePointer<Int32>
    fileprivate let ids: UnsafeMutablePointer<UInt32>
    fileprivate let values: UnsafeMutablePointer<Float>
    fileprivate let width: Int
    fileprivate(set) var count: Int

    /// The sum so far of row `id`, zeros at first touch. `id` is at least 1 and below the table's rows.
    subscript(id: Int) -> UnsafeMutablePointer<Float> {
        @inline(__always) mutating get {
            let place = Int(places[id])
            if place != 0 { return values + (place - 1) * width }
            let row = values + count * width
            ids[count] = UInt32(truncatingIfNeeded: id)
            count += 1
            places[id] = Int32(truncatingIfNeeded: count)
            row.update(repeating: 0, count: width)
            return row
        }
    }
}
