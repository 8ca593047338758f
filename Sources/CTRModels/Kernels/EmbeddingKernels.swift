/// Moves rows between embedding tables and a batch. In all of them
///
///     rows [batch]                row numbers into the input's column, each inside it (`Workspace.withBatch` checked)
///     table [ids, dimension + 1]  an id's embedding and then its first-order weight
///     embeddings, gradients       row i of the batch at i · stride, `dimension` floats
///     logits, logitGradients      [batch]
///
/// Missing ids (0, or at least the table's rows) read as zeros and are not written.
enum EmbeddingKernels {
    /// embeddings = E[id]; logits += w[id].
    static func gather(
        ids: [UInt32], rows: UnsafeBufferPointer<Int32>, table: EmbeddingTable, dimension: Int,
        embeddings: UnsafeMutablePointer<Float>, stride: Int, logits: UnsafeMutablePointer<Float>
    ) {
        withPointers(ids, table) { ids, values in
            for place in 0..<rows.count {
                let id = Int(ids[Int(rows[place])])
                let target = embeddings + place * stride
                if id == 0 || id >= table.rows {
                    target.update(repeating: 0, count: dimension)
                } else {
                    let row = values + id * table.width
                    VectorKernels.set(target, to: row, scaledBy: 1, count: dimension)
                    logits[place] += row[dimension]
                }
            }
        }
    }

    /// embeddings = mean of E[ids]; logits += mean of w[ids]; over the known ids of each list.
    static func gatherMeans(
        offsets: [Int32], ids: [UInt32], rows: UnsafeBufferPointer<Int32>, table: EmbeddingTable, dimension: Int,
        embeddings: UnsafeMutablePointer<Float>, stride: Int, logits: UnsafeMutablePointer<Float>
    ) {
        withPointers(ids, table) { ids, values in
            offsets.withUnsafeBufferPointer { offsets in
                for place in 0..<rows.count {
                    let list = Int(offsets[Int(rows[place])])..<Int(offsets[Int(rows[place]) + 1])
                    let target = embeddings + place * stride
                    target.update(repeating: 0, count: dimension)
                    let scale = meanScale(ids, list, tableRows: table.rows)
                    for index in list {
                        let id = Int(ids[index])
                        if id == 0 || id >= table.rows { continue }
                        let row = values + id * table.width
                        VectorKernels.add(row, scaledBy: scale, to: target, count: dimension)
                        logits[place] += row[dimension] * scale
                    }
                }
            }
        }
    }

    /// dE[id] += gradients; dw[id] += logitGradients.
    static func scatter(
        ids: [UInt32], rows: UnsafeBufferPointer<Int32>, into table: inout TableGradient, dimension: Int,
        gradients: UnsafePointer<Float>, stride: Int, logitGradients: UnsafePointer<Float>
    ) {
        let tableRows = table.tableRows
        table.accumulate(atMost: rows.count) { accumulator in
            ids.withUnsafeBufferPointer { ids in
                for place in 0..<rows.count {
                    let id = Int(ids[Int(rows[place])])
                    if id == 0 || id >= tableRows { continue }
                    let row = accumulator[id]
                    VectorKernels.add(gradients + place * stride, scaledBy: 1, to: row, count: dimension)
                    row[dimension] += logitGradients[place]
                }
            }
        }
    }

    /// dE[id] += gradients / n; dw[id] += logitGradients / n; for each of a list's n known ids.
    static func scatterMeans(
        offsets: [Int32], ids: [UInt32], rows: UnsafeBufferPointer<Int32>, into table: inout TableGradient,
        dimension: Int, gradients: UnsafePointer<Float>, stride: Int, logitGradients: UnsafePointer<Float>
    ) {
        let tableRows = table.tableRows
        offsets.withUnsafeBufferPointer { offsets in
            var lookups = 0
            for row in rows { lookups += Int(offsets[Int(row) + 1] - offsets[Int(row)]) }
            table.accumulate(atMost: lookups) { accumulator in
                ids.withUnsafeBufferPointer { ids in
                    for place in 0..<rows.count {
                        let list = Int(offsets[Int(rows[place])])..<Int(offsets[Int(rows[place]) + 1])
                        let scale = meanScale(ids, list, tableRows: tableRows)
                        for index in list {
                            let id = Int(ids[index])
                            if id == 0 || id >= tableRows { continue }
                            let row = accumulator[id]
                            VectorKernels.add(gradients + place * stride, scaledBy: scale, to: row, count: dimension)
                            row[dimension] += logitGradients[place] * scale
                        }
                    }
                }
            }
        }
    }

    /// 1 / number of known ids in a list; 0 if there are none.
    @inline(__always)
    private static func meanScale(
        _ ids: UnsafeBufferPointer<UInt32>, _ list: Range<Int>, tableRows: Int
    ) -> Float {
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
}
