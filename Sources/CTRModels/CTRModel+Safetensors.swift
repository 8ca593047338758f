extension CTRModel {
    /// The metadata key that holds the architecture's JSON.
    public static let architectureKey = "plumb.architecture"
    fileprivate static let versionKey = "plumb.version"
    fileprivate static let version = "1"

    /// Reads a model from the bytes of a safetensors file, as the initialiser that takes a reader does.
    public init(safetensors bytes: [UInt8]) throws(ModelError) {
        try self.init(safetensors: try SafetensorsFile(bytes))
    }

    /// Reads a model from a safetensors file that `writeSafetensors(metadata:to:)`, or anyone following it, wrote.
    ///
    /// Throws if the file is damaged, if a tensor is missing, unexpected, of another shape or type than the
    /// architecture says or holds a number that is not finite, and if row 0 of a table is not zeros. Takes little
    /// memory beside the model's own.
    public init<Failure>(safetensors file: SafetensorsReader<Failure>) throws(Failure) {
        let architecture: Architecture
        do throws(ModelError) {
            architecture = try Architecture(safetensors: file.metadata)
        } catch {
            throw file.refuse(error)
        }
        let (network, plan) = Self.compose(architecture)

        // Shapes first: the file's length, already checked, then bounds what is allocated.
        let tableRows = architecture.tableRows
        for tensor in plan.parameters.tensors {
            let shape = tensor.shape(tableRows: tableRows)
            guard let stored = file.tensor(tensor.name) else {
                throw file.refuse(ModelError(.tensor, "tensor '\(tensor.name)' is missing"))
            }
            guard stored.shape == shape else {
                throw file.refuse(
                    ModelError(
                        .tensor, "tensor '\(tensor.name)' has shape \(stored.shape); the architecture needs \(shape)"))
            }
            try file.require(stored, .float32)
        }
        let names = Set(plan.parameters.tensors.map(\.name))
        for tensor in file.tensors where !names.contains(tensor.name) {
            throw file.refuse(ModelError(.tensor, "tensor '\(tensor.name)' is not part of the architecture"))
        }

        var parameters = Parameters(layout: plan.parameters, tableRows: tableRows)
        for tensor in plan.parameters.tensors {
            guard let stored = file.tensor(tensor.name) else { continue }
            try parameters.read(tensor, stored, from: file)
        }
        self.init(architecture: architecture, parameters: parameters, network: network, plan: plan)
    }

    /// A model of these weights: `values` gives each tensor's, row-major, all finite.
    ///
    /// Throws through `refuse` if the architecture is not valid, if values do not fill their shape, and if row 0 of a
    /// table is not zeros.
    public init<Failure>(
        architecture: Architecture, refuse: (ModelError) -> Failure,
        values: (_ name: String, _ shape: [Int]) throws(Failure) -> [Float]
    ) throws(Failure) {
        do throws(ModelError) {
            try architecture.validate()
        } catch {
            throw refuse(error)
        }
        let (network, plan) = Self.compose(architecture)
        var parameters = Parameters(layout: plan.parameters, tableRows: architecture.tableRows)
        for tensor in plan.parameters.tensors {
            let shape = tensor.shape(tableRows: architecture.tableRows)
            let values = try values(tensor.name, shape)
            do throws(ModelError) {
                guard values.count == shape.reduce(1, *) else {
                    throw ModelError(.tensor, "\(values.count) numbers for tensor '\(tensor.name)' of shape \(shape)")
                }
                try parameters.set(tensor, at: 0, to: values)
            } catch {
                throw refuse(error)
            }
        }
        self.init(architecture: architecture, parameters: parameters, network: network, plan: plan)
    }

    /// Names and shapes of the tensors of a model of this architecture, which is valid, in the model's order. Allocates
    /// no weights.
    public static func tensorShapes(of architecture: Architecture) -> [(name: String, shape: [Int])] {
        let tableRows = architecture.tableRows
        return compose(architecture).plan.parameters.tensors.map { ($0.name, $0.shape(tableRows: tableRows)) }
    }

    /// The model as the bytes of a safetensors file: see `writeSafetensors(metadata:to:)`.
    public func safetensors(metadata: [String: String] = [:]) -> [UInt8] {
        var bytes: [UInt8] = []
        writeSafetensors(metadata: metadata) { bytes += $0 }
        return bytes
    }

    /// Writes the model as a safetensors file, piece by piece: float32 tensors named as in a PyTorch state dict (see
    /// `DeepFM`), and the architecture as JSON in the metadata beside the caller's entries. Equal models give equal
    /// bytes.
    public func writeSafetensors<Failure>(
        metadata: [String: String] = [:], to write: (_ bytes: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var metadata = metadata
        metadata[Self.architectureKey] = architecture.json
        metadata[Self.versionKey] = Self.version
        // Loaders of the transformers library want to know the framework; "pt" is PyTorch.
        metadata["format"] = "pt"
        try writeStateDict(metadata: metadata, to: write)
    }

    /// Writes the tensors alone, as PyTorch's `save_file(module.state_dict())` would, with this metadata.
    public func writeStateDict<Failure>(
        metadata: [String: String] = [:], to write: (_ bytes: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        try withoutActuallyEscaping(write) { write throws(Failure) in
            let tensors = parameters.layout.tensors
            var writer = try SafetensorsWriter(
                metadata: metadata, tensors: tensors.map { .init($0.name, shape: parameters.shape(of: $0)) },
                write: write)
            for tensor in tensors {
                switch tensor.place {
                case .dense(let range, _): try writer.append(parameters.dense[range])
                case .buffer(let range): try writer.append(parameters.buffers[range])
                case .table(let index, let columns):
                    let table = parameters.tables[index]
                    // By blocks of rows: a call of the writer for each would take three times as long.
                    let rowsAtOnce = max(1, 16384 / columns.count)
                    var block: [Float] = []
                    block.reserveCapacity(rowsAtOnce * columns.count)
                    for first in stride(from: 0, to: table.rows, by: rowsAtOnce) {
                        block.removeAll(keepingCapacity: true)
                        for row in first..<min(first + rowsAtOnce, table.rows) { block += table[row, columns] }
                        try writer.append(block[...])
                    }
                }
            }
            try writer.finish()
        }
    }
}

extension Architecture {
    /// The architecture that a model file's metadata holds.
    init(safetensors metadata: [String: String]) throws(ModelError) {
        guard let json = metadata[CTRModel.architectureKey] else {
            throw ModelError(.file, "the metadata lacks '\(CTRModel.architectureKey)': not a model of this tool")
        }
        if let version = metadata[CTRModel.versionKey], version != CTRModel.version {
            throw ModelError(.file, "format version '\(version)' is not known; this tool reads \(CTRModel.version)")
        }
        try self.init(json: json)
    }
}

extension Parameters {
    /// Fills one tensor from a file's tensor of the same shape. Row 0 of a table must be zeros.
    fileprivate mutating func read<Failure>(
        _ tensor: ParameterLayout.Tensor, _ stored: SafetensorsTensor, from file: SafetensorsReader<Failure>
    ) throws(Failure) {
        let rows = stored.shape.first ?? 1
        let width = stored.count / rows
        let rowsAtOnce = max(1, 32768 / width)
        for first in stride(from: 0, to: rows, by: rowsAtOnce) {
            let end = min(first + rowsAtOnce, rows)
            let values = try file.floats(of: stored, elements: first * width..<end * width)
            do throws(ModelError) {
                try set(tensor, at: first * width, to: values)
            } catch {
                throw file.refuse(error)
            }
        }
    }

    /// Sets some elements of a tensor, whole rows of a table's, from the `start`th on. Row 0 of a table must be zeros.
    mutating func set(
        _ tensor: ParameterLayout.Tensor, at start: Int, to values: [Float]
    ) throws(ModelError) {
        switch tensor.place {
        case .dense(let range, _):
            let place = range.lowerBound + start
            dense.replaceSubrange(place..<place + values.count, with: values)
        case .buffer(let range):
            let place = range.lowerBound + start
            buffers.replaceSubrange(place..<place + values.count, with: values)
        case .table(let index, let columns):
            guard start > 0 || values.prefix(columns.count).allSatisfy({ $0 == 0 }) else {
                throw ModelError(
                    .tensor, "row 0 of tensor '\(tensor.name)' is not zeros, but 0 is the id of what is missing")
            }
            let width = tables[index].width
            var place = start / columns.count * width + columns.lowerBound
            for row in stride(from: 0, to: values.count, by: columns.count) {
                for column in 0..<columns.count { tables[index].values[place + column] = values[row + column] }
                place += width
            }
        }
    }
}
