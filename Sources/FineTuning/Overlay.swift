import CTRModels

/// What a device keeps of one user's tuning between two sessions: the numbers in which the user's model differs from the cloud's.
///
///     try tuner.tune(on: 0..<100, targets, seed: 1)
///     let bytes = Overlay(of: tuner).safetensors()                   // kept by the app
///
///     let overlay = try Overlay(safetensors: bytes, cloud: cloud)    // when the app is opened again
///     try tuner.begin(newSamples, with: overlay)
///     let logits = try tuner.logits(0..<newSamples.count)
///
/// It holds the dense tensors that tuning moved, each whole, and the embedding rows that it moved; all else is the cloud's. Hence
/// its size follows the samples that were learnt from, neither those that were only scored nor the size of the tables, and with
/// a schedule that tunes the bias alone it is one number. Buffers never differ: a user's tuning leaves running statistics alone.
///
/// An overlay belongs to one cloud model and is refused with another, known by `cloudChecksum`: a new model means tuning anew.
public struct Overlay: Sendable, Hashable {
    /// Some of the dense parameters: one tensor.
    struct DenseTensor: Sendable, Hashable {
        var range: Range<Int>
        var values: [Float]
    }

    /// Some rows of one table.
    struct TableRows: Sendable, Hashable {
        /// The cloud model's ids, rising, none of them 0.
        var ids: [UInt32] = []
        /// A row an id.
        var values: [Float] = []
    }

    /// 64-bit FNV-1a over the cloud model's architecture, dense parameters and buffers.
    ///
    /// Not over its tables, which may be of any size: models that differ in nothing but tables are taken for one. It finds
    /// mistakes; whoever can write to the device's files can forge it.
    public let cloudChecksum: UInt64
    /// The cloud model's.
    let layout: ParameterLayout
    /// The field that each table is of.
    let tableFields: [String]
    /// In the order of their ranges.
    var dense: [DenseTensor] = []
    /// One a table.
    var tables: [TableRows]

    /// No difference from a cloud model.
    init(cloudChecksum: UInt64, cloud: CTRModel) {
        self.cloudChecksum = cloudChecksum
        layout = cloud.parameters.layout
        tableFields = cloud.architecture.fields.filter(\.hasTable).map(\.name)
        tables = tableFields.map { _ in TableRows() }
    }

    /// What tuning has changed since the tuner began on its user. Cost: the dense weights and the user's rows.
    ///
    /// - Parameter tuner: after a `tune` that did not throw.
    public init(of tuner: LocalTuner) {
        self.init(cloudChecksum: tuner.cloudChecksum, cloud: tuner.cloud)
        let (tuned, cloud) = (tuner.overlay.model.parameters, tuner.cloud.parameters)
        for tensor in layout.tensors {
            guard case .dense(let range, _) = tensor.place, differ(tuned.dense[range], cloud.dense[range]) else {
                continue
            }
            dense.append(DenseTensor(range: range, values: Array(tuned.dense[range])))
        }
        for (table, ids) in tuner.overlay.tableIDs.enumerated() {
            let moved = ids.enumerated().dropFirst().filter { row, id in
                differ(tuned.tables[table][row], cloud.tables[table][Int(id)])
            }.sorted { $0.element < $1.element }
            tables[table].ids = moved.map(\.element)
            tables[table].values.reserveCapacity(moved.count * tuned.tables[table].width)
            for (row, _) in moved { tables[table].values += tuned.tables[table][row] }
        }
    }

    /// Embedding rows that it holds, over all tables.
    public var rowCount: Int { tables.reduce(0) { $0 + $1.ids.count } }

    /// Dense weights that it holds.
    public var denseCount: Int { dense.reduce(0) { $0 + $1.values.count } }

    /// Puts the weights into a copy of the cloud model for some samples. Rows that the copy does not have are left out.
    func write(to copy: inout RestrictedModel) {
        for tensor in dense { copy.model.parameters.dense.replaceSubrange(tensor.range, with: tensor.values) }
        for (table, ids) in copy.tableIDs.enumerated() where !tables[table].ids.isEmpty {
            let width = layout.tableWidths[table]
            for (row, id) in ids.enumerated().dropFirst() {
                guard let place = tables[table].place(of: id) else { continue }
                copy.model.parameters.tables[table].values.replaceSubrange(
                    row * width..<(row + 1) * width, with: tables[table].values[place * width..<(place + 1) * width])
            }
        }
    }
}

extension Overlay.TableRows {
    /// Which of the rows is that of `id`; nil if none is.
    fileprivate func place(of id: UInt32) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }
}

/// Whether two runs of as many numbers differ in a bit.
private func differ(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Bool {
    zip(a, b).contains { $0.bitPattern != $1.bitPattern }
}
