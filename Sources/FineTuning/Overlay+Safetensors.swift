public import CTRModels

extension Overlay {
    private static let versionKey = "plumb.overlay"
    private static let version = "1"
    private static let cloudKey = "plumb.cloud"

    /// The overlay as the bytes of a safetensors file. Equal overlays give equal bytes.
    ///
    /// Dense tensors are float32 under their names in the model. A field's rows are `fields.<name>.ids` [n], int64 and rising,
    /// beside the tensors of its table with n rows: `fields.<name>.embedding` [n, dimension], `fields.<name>.weight` [n, 1].
    /// The metadata holds the format's version and the cloud model's checksum.
    public func safetensors() -> [UInt8] {
        var declarations: [SafetensorsWriter<Never>.Declaration] = []
        let kept = Set(dense.map(\.range))
        for (name, range, shape) in denseTensors where kept.contains(range) {
            declarations.append(.init(name, shape: shape))
        }
        for (table, rows) in tables.enumerated() where !rows.ids.isEmpty {
            declarations.append(.init(idsName(table), shape: [rows.ids.count], type: .int64))
            for (name, columns) in columns(of: table) {
                declarations.append(.init(name, shape: [rows.ids.count, columns.count]))
            }
        }
        var bytes: [UInt8] = []
        withoutActuallyEscaping({ bytes += $0 }) { (write: @escaping ([UInt8]) -> Void) in
            var writer = SafetensorsWriter<Never>(
                metadata: [Self.versionKey: Self.version, Self.cloudKey: hexadecimal(cloudChecksum), "format": "pt"],
                tensors: declarations, write: write)
            for tensor in dense { writer.append(tensor.values[...]) }
            for (table, rows) in tables.enumerated() where !rows.ids.isEmpty {
                writer.append(integers: rows.ids.map { Int64($0) }[...])
                for (_, columns) in columns(of: table) {
                    writer.append(rows.values(of: columns, width: width(table))[...])
                }
            }
            writer.finish()
        }
        return bytes
    }

    /// Reads what `safetensors()` wrote, for the cloud model that it is laid over.
    ///
    /// Nothing in the bytes is believed before it is checked, and no memory is taken beyond what they fill.
    ///
    /// - Throws: `otherModel` if it belongs to another cloud model; `damagedOverlay` if the bytes are cut or changed, where that
    ///   can be seen: a bit flipped in a weight gives another finite weight.
    public init(safetensors bytes: [UInt8], cloud: CTRModel) throws(FineTuningError) {
        let file = try SafetensorsReader<FineTuningError>(
            byteCount: bytes.count, refuse: { FineTuningError(.damagedOverlay, $0.message) },
            read: { offset, count in Array(bytes[offset..<offset + count]) })
        guard let version = file.metadata[Self.versionKey], let checksum = file.metadata[Self.cloudKey] else {
            throw FineTuningError(.damagedOverlay, "the metadata says neither what version it is nor of what model")
        }
        guard version == Self.version else {
            throw FineTuningError(
                .damagedOverlay, "format version '\(version)' is not known; this library reads \(Self.version)")
        }
        self.init(cloudChecksum: cloud.checksum, cloud: cloud)
        guard checksum == hexadecimal(cloudChecksum) else {
            throw FineTuningError(
                .otherModel, "made for the model \(checksum), which is not this one, \(hexadecimal(cloudChecksum))")
        }
        var names: Set<String> = []
        for (name, range, shape) in denseTensors {
            guard let stored = file.tensor(name) else { continue }
            try stored.require(shape)
            dense.append(DenseTensor(range: range, values: try file.floats(name)))
            names.insert(name)
        }
        for table in tables.indices {
            guard let stored = file.tensor(idsName(table)) else { continue }
            let ids = try file.integers(idsName(table))
            try stored.require([ids.count])
            try tables[table].setIDs(ids, below: cloud.parameters.tables[table].rows, name: stored.name)
            tables[table].values = [Float](repeating: 0, count: ids.count * width(table))
            for (name, columns) in columns(of: table) {
                try file.tensor(name)?.require([ids.count, columns.count])
                tables[table].set(columns, width: width(table), to: try file.floats(name))
                names.insert(name)
            }
            names.insert(stored.name)
        }
        if let other = file.tensors.first(where: { !names.contains($0.name) }) {
            throw FineTuningError(.damagedOverlay, "tensor '\(other.name)' has no place in the model")
        }
    }

    // MARK: Places

    /// The model's dense tensors, in order.
    private var denseTensors: [(name: String, range: Range<Int>, shape: [Int])] {
        layout.tensors.compactMap { tensor in
            guard case .dense(let range, let shape) = tensor.place else { return nil }
            return (tensor.name, range, shape)
        }
    }

    /// The tensors that stand side by side in a table's rows.
    private func columns(of table: Int) -> [(name: String, columns: Range<Int>)] {
        layout.tensors.compactMap { tensor in
            guard case .table(table, let columns) = tensor.place else { return nil }
            return (tensor.name, columns)
        }
    }

    private func width(_ table: Int) -> Int { layout.tableWidths[table] }

    private func idsName(_ table: Int) -> String { "fields.\(tableFields[table]).ids" }
}

extension Overlay.TableRows {
    /// Takes over the ids of a file; throws unless they rise from 1 or more and stay below the table's number of rows.
    fileprivate mutating func setIDs(_ ids: [Int64], below rows: Int, name: String) throws(FineTuningError) {
        for stored in ids {
            guard let id = UInt32(exactly: stored), id > self.ids.last ?? 0, id < rows else {
                throw FineTuningError(.damagedOverlay, "tensor '\(name)' must hold rising ids from 1 to \(rows - 1)")
            }
            self.ids.append(id)
        }
    }

    /// Some columns of every row, row-major.
    fileprivate func values(of columns: Range<Int>, width: Int) -> [Float] {
        stride(from: 0, to: values.count, by: width).flatMap { start in
            values[start + columns.lowerBound..<start + columns.upperBound]
        }
    }

    /// Sets some columns of every row.
    fileprivate mutating func set(_ columns: Range<Int>, width: Int, to new: [Float]) {
        for row in ids.indices {
            for (place, column) in columns.enumerated() {
                values[row * width + column] = new[row * columns.count + place]
            }
        }
    }
}

extension SafetensorsTensor {
    fileprivate func require(_ expected: [Int]) throws(FineTuningError) {
        guard shape == expected else {
            throw FineTuningError(.damagedOverlay, "tensor '\(name)' has shape \(shape); the model needs \(expected)")
        }
    }
}

/// Sixteen digits.
private func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
