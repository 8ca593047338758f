extension CTRModel {
    /// The metadata key that holds the architecture's JSON.
    public static let architectureKey = "plumb.architecture"
    private static let versionKey = "plumb.version"
    private static let version = "1"

    /// Reads a model from the bytes of a safetensors file that `safetensors(metadata:)`, or anyone following it, wrote.
    ///
    /// Throws if the bytes are damaged, if a tensor is missing, unexpected, of another shape or type than the architecture
    /// says or holds a number that is not finite, and if row 0 of a table is not zeros.
    public init(safetensors bytes: [UInt8]) throws(ModelError) {
        let file = try SafetensorsFile(bytes)
        guard let json = file.metadata[Self.architectureKey] else {
            throw ModelError(.file, "the metadata lacks '\(Self.architectureKey)': not a model of this tool")
        }
        if let version = file.metadata[Self.versionKey], version != Self.version {
            throw ModelError(.file, "format version '\(version)' is not known; this tool reads \(Self.version)")
        }
        let architecture = try Architecture(json: json)
        let (network, plan) = Self.compose(architecture)

        // Shapes first: the file's length, already checked, then bounds what is allocated.
        let tableRows = architecture.tableRows
        for tensor in plan.parameters.tensors {
            let shape = tensor.shape(tableRows: tableRows)
            guard let stored = file.tensor(tensor.name) else {
                throw ModelError(.tensor, "tensor '\(tensor.name)' is missing")
            }
            guard stored.shape == shape else {
                throw ModelError(
                    .tensor, "tensor '\(tensor.name)' has shape \(stored.shape); the architecture needs \(shape)")
            }
        }
        let names = Set(plan.parameters.tensors.map(\.name))
        for tensor in file.tensors where !names.contains(tensor.name) {
            throw ModelError(.tensor, "tensor '\(tensor.name)' is not part of the architecture")
        }

        var parameters = Parameters(layout: plan.parameters, tableRows: tableRows)
        for tensor in plan.parameters.tensors {
            try parameters.set(tensor, to: try file.floats(tensor.name))
        }
        self.init(architecture: architecture, parameters: parameters, network: network, plan: plan)
    }

    /// The model as the bytes of a safetensors file: float32 tensors named as in a PyTorch state dict (see `DeepFM`), and
    /// the architecture as JSON in the metadata beside the caller's entries. Equal models give equal bytes.
    public func safetensors(metadata: [String: String] = [:]) -> [UInt8] {
        var metadata = metadata
        metadata[Self.architectureKey] = architecture.json
        metadata[Self.versionKey] = Self.version
        // Loaders of the transformers library want to know the framework; "pt" is PyTorch.
        metadata["format"] = "pt"
        let tensors = parameters.layout.tensors
        var writer = SafetensorsWriter(
            metadata: metadata, tensors: tensors.map { (name: $0.name, shape: parameters.shape(of: $0)) })
        for tensor in tensors {
            switch tensor.place {
            case .dense(let range, _): writer.append(parameters.dense[range])
            case .buffer(let range): writer.append(parameters.buffers[range])
            case .table(let index, let columns):
                let table = parameters.tables[index]
                for row in 0..<table.rows { writer.append(table[row, columns]) }
            }
        }
        return writer.finish()
    }
}

extension Parameters {
    /// Fills one tensor; `values` are row-major in its shape. Row 0 of a table must be zeros.
    fileprivate mutating func set(_ tensor: ParameterLayout.Tensor, to values: [Float]) throws(ModelError) {
        switch tensor.place {
        case .dense(let range, _): dense.replaceSubrange(range, with: values)
        case .buffer(let range): buffers.replaceSubrange(range, with: values)
        case .table(let index, let columns):
            guard values[..<columns.count].allSatisfy({ $0 == 0 }) else {
                throw ModelError(
                    .tensor, "row 0 of tensor '\(tensor.name)' is not zeros, but 0 is the id of what is missing")
            }
            let width = tables[index].width
            for row in 0..<tables[index].rows {
                for (place, column) in columns.enumerated() {
                    tables[index].values[row * width + column] = values[row * columns.count + place]
                }
            }
        }
    }
}
