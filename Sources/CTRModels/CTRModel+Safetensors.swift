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
    /// Throws if the file is damaged, if a tensor is missing, unexpected, of another shape or type than the architecture
    /// says or holds a number that is not finite, and if row 0 of a table is not zeros. Takes little memory beside the
    /// model's own.
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

    /// The model as the bytes of a safetensors file: see `writeSafetensors(metadata:to:)`.
    public func safetensors(metadata: [String: String] = [:]) -> [UInt8] {
        var bytes: [UInt8] = []
        writeSafetensors(metadata: metadata) { bytes += $0 }
        return bytes
    }

    /// Writes the model as a safetensors file, piece by piece: float32 tensors named as in a PyTorch state dict (see
    /// `DeepFM`), and the architecture as JSON in the metadata beside the caller's entries. Equal models give equal bytes.
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
                    for row in 0..<table.rows { try writer.append(table[row, columns]) }
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
        let columns: Range<Int>
        switch tensor.place {
        case .dense, .buffer: columns = 0..<1
        case .table(_, let range): columns = range
        }
        let rows = stored.count / columns.count
        let rowsAtOnce = max(1, 32768 / columns.count)
        for first in stride(from: 0, to: rows, by: rowsAtOnce) {
            let end = min(first + rowsAtOnce, rows)
            let values = try file.floats(of: stored, elements: first * columns.count..<end * columns.count)
            switch tensor.place {
            case .dense(let range, _):
                dense.replaceSubrange(range.lowerBound + first..<range.lowerBound + end, with: values)
            case .buffer(let range):
                buffers.replaceSubrange(range.lowerBound + first..<range.lowerBound + end, with: values)
            case .table(let index, _):
                guard first > 0 || values[..<columns.count].allSatisfy({ $0 == 0 }) else {
                    throw file.refuse(
                        ModelError(
                            .tensor,
                            "row 0 of tensor '\(tensor.name)' is not zeros, but 0 is the id of what is missing"))
                }
                let width = tables[index].width
                var place = 0
                for row in first..<end {
                    for column in columns {
                        tables[index].values[row * width + column] = values[place]
                        place += 1
                    }
                }
            }
        }
    }
}
