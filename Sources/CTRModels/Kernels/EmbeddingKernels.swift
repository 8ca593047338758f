import CKernels

/// Moves rows between embedding tables and a batch. In all of them
///
///     rows [batch]                row numbers into the input's column, each inside it (`Workspace.withBatch` checked)
///     table [ids, width]          an id's embedding, `dimension` floats, and then its first-order weight if there is one
///     embeddings, gradients       row i of the batch at i · stride, `dimension` floats
///     logits, logitGradients      [batch]; nil: the table has no first-order weights
///
/// Missing ids (0, or at least the table's rows) read as zeros and are not written.
///
/// Rows of a large table are in no cache: they are asked for some lookups before they are read, so that they arrive
/// together (`make bench-kernels`, the job gather).
enum EmbeddingKernels {
    /// Lookups between asking for a row and reading it.
    private static let lookupsAhead = 12

    /// Asks for the row of `ids[place]`, if there are that many and it has one.
    @inline(__always)
    private static func prefetch(
        _ place: Int, of ids: UnsafeBufferPointer<UInt32>, _ table: EmbeddingTable, _ values: UnsafePointer<Float>
    ) {
        guard place < ids.count else { return }
        let id = Int(ids[place])
        if id < table.rows { plumb_prefetch(values + id * table.width, table.width) }
    }

    /// embeddings = E[id]; logits += w[id].
    static func gather(
        ids: [UInt32], rows: UnsafeBufferPointer<Int32>, table: EmbeddingTable, dimension: Int,
        embeddings: UnsafeMutablePointer<Float>, stride: Int, logits: UnsafeMutablePointer<Float>?
    ) {
        withPointers(ids, table) { ids, values in
            for place in 0..<rows.count {
                if place + lookupsAhead < rows.count {
                    prefetch(Int(rows[place + lookupsAhead]), of: ids, table, values)
                }
                let id = Int(ids[Int(rows[place])])
                let target = embeddings + place * stride
                if id == 0 || id >= table.rows {
                    target.update(repeating: 0, count: dimension)
                } else {
                    let row = values + id * table.width
                    VectorKernels.set(target, to: row, scaledBy: 1, count: dimension)
                    if let logits { logits[place] += row[dimension] }
                }
            }
        }
    }

    /// embeddings = mean or sum of E[ids]; logits += that of w[ids]; over the known ids of each list.
    static func gatherPooled(
        offsets: [Int32], ids: [UInt32], rows: UnsafeBufferPointer<Int32>, table: EmbeddingTable,
        pooling: Architecture.Field.Pooling, dimension: Int, embeddings: UnsafeMutablePointer<Float>, stride: Int,
        logits: UnsafeMutablePointer<Float>?
    ) {
        withPointers(ids, table) { ids, values in
            offsets.withUnsafeBufferPointer { offsets in
                for place in 0..<rows.count {
                    let list = Int(offsets[Int(rows[place])])..<Int(offsets[Int(rows[place]) + 1])
                    let target = embeddings + place * stride
                    target.update(repeating: 0, count: dimension)
                    let scale = scale(pooling, ids, list, tableRows: table.rows)
                    for index in list {
                        prefetch(index + lookupsAhead, of: ids, table, values)
                        let id = Int(ids[index])
                        if id == 0 || id >= table.rows { continue }
                        let row = values + id * table.width
                        VectorKernels.add(row, scaledBy: scale, to: target, count: dimension)
                        if let logits { logits[place] += row[dimension] * scale }
                    }
                }
            }
        }
    }

    /// dE[id] += gradients; dw[id] += logitGradients.
    static func scatter(
        ids: [UInt32], rows: UnsafeBufferPointer<Int32>, into table: inout TableGradient, dimension: Int,
        gradients: UnsafePointer<Float>, stride: Int, logitGradients: UnsafePointer<Float>?
    ) {
        let tableRows = table.tableRows
        table.accumulate(atMost: rows.count) { accumulator in
            ids.withUnsafeBufferPointer { ids in
                for place in 0..<rows.count {
                    let id = Int(ids[Int(rows[place])])
                    if id == 0 || id >= tableRows { continue }
                    accumulator.add(
                        gradients + place * stride, scaledBy: 1, count: dimension, logitGradients?[place], to: id)
                }
            }
        }
    }

    /// dE[id] += gradients · s; dw[id] += logitGradients · s; for each of a list's n known ids, s = 1 / n of a mean, 1
    /// of a sum.
    static func scatterPooled(
        offsets: [Int32], ids: [UInt32], rows: UnsafeBufferPointer<Int32>, into table: inout TableGradient,
        pooling: Architecture.Field.Pooling, dimension: Int, gradients: UnsafePointer<Float>, stride: Int,
        logitGradients: UnsafePointer<Float>?
    ) {
        let tableRows = table.tableRows
        offsets.withUnsafeBufferPointer { offsets in
            var lookups = 0
            for row in rows { lookups += Int(offsets[Int(row) + 1] - offsets[Int(row)]) }
            table.accumulate(atMost: lookups) { accumulator in
                ids.withUnsafeBufferPointer { ids in
                    for place in 0..<rows.count {
                        let list = Int(offsets[Int(rows[place])])..<Int(offsets[Int(rows[place]) + 1])
                        let scale = scale(pooling, ids, list, tableRows: tableRows)
                        for index in list {
                            let id = Int(ids[index])
                            if id == 0 || id >= tableRows { continue }
                            accumulator.add(
                                gradients + place * stride, scaledBy: scale, count: dimension,
                                logitGradients?[place], to: id)
                        }
                    }
                }
            }
        }
    }

    /// What pooling weighs each of a list's known ids by.
    @inline(__always)
    private static func scale(
        _ pooling: Architecture.Field.Pooling, _ ids: UnsafeBufferPointer<UInt32>, _ list: Range<Int>, tableRows: Int
    ) -> Float {
        if pooling == .sum { return 1 }
        var known = 0
        for index in list where ids[index] != 0 && Int(ids[index]) < tableRows { known += 1 }
        return known == 0 ? 0 : 1 / Float(known)
    }

    @inline(__always)
    private static func withPointers(
        _ ids: [UInt32], _ table: EmbeddingTable,
        _ body: (_ ids: UnsafeBufferPointer<UInt32>, _ values: UnsafePointer<Float>) -> Void
    ) {
        ids.withUnsafeBufferPointer { ids in
            table.values.withUnsafeBufferPointer { values in
                // Nil only for a table without rows, which has no known id; a table has at least row 0.
                guard let values = values.baseAddress else { return }
                body(ids, values)
            }
        }
    }

    /// keys = E[id] of every position of the rows' histories, end to end: position `i` at i · stride.
    static func gatherHistory(
        offsets: [Int32], ids: [UInt32], rows: UnsafeBufferPointer<Int32>, table: EmbeddingTable, dimension: Int,
        keys: UnsafeMutablePointer<Float>, stride: Int
    ) {
        withPointers(ids, table) { ids, values in
            var target = keys
            for row in rows.lazy.map({ Int($0) }) {
                for index in Int(offsets[row])..<Int(offsets[row + 1]) {
                    prefetch(index + lookupsAhead, of: ids, table, values)
                    let id = Int(ids[index])
                    if id == 0 || id >= table.rows {
                        target.update(repeating: 0, count: dimension)
                    } else {
                        VectorKernels.set(target, to: values + id * table.width, scaledBy: 1, count: dimension)
                    }
                    target += stride
                }
            }
        }
    }

    /// dE[id] += gradients of every position whose id is known.
    static func scatterHistory(
        offsets: [Int32], ids: [UInt32], rows: UnsafeBufferPointer<Int32>, positions: Int,
        into table: inout TableGradient, dimension: Int, gradients: UnsafePointer<Float>, stride: Int
    ) {
        let tableRows = table.tableRows
        table.accumulate(atMost: positions) { accumulator in
            ids.withUnsafeBufferPointer { ids in
                var source = gradients
                for row in rows.lazy.map({ Int($0) }) {
                    for index in Int(offsets[row])..<Int(offsets[row + 1]) {
                        let id = Int(ids[index])
                        if id != 0 && id < tableRows {
                            accumulator.add(source, scaledBy: 1, count: dimension, nil, to: id)
                        }
                        source += stride
                    }
                }
            }
        }
    }
}
