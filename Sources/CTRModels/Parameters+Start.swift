extension Parameters {
    /// Fills every tensor from its own stream of `seed`, by name; row 0 of tables stays zero.
    mutating func start(seed: UInt64) {
        for tensor in layout.tensors {
            var random = SplitMix64(seed: seed, name: tensor.name)
            switch tensor.place {
            case .dense(let range, _):
                for index in range { dense[index] = tensor.start.next(&random) }
            case .buffer(let range):
                for index in range { buffers[index] = tensor.start.next(&random) }
            case .table(let index, let columns):
                if tensor.start == .zero { continue }
                let width = tables[index].width
                for row in 1..<max(1, tables[index].rows) {
                    for column in columns { tables[index].values[row * width + column] = tensor.start.next(&random) }
                }
            }
        }
    }
}

extension ParameterLayout.Tensor.Start {
    func next(_ random: inout SplitMix64) -> Float {
        switch self {
        case .zero: 0
        case .constant(let value): value
        case .uniform(let bound): Float((2 * random.nextUniform() - 1) * bound)
        case .normal(let standardDeviation): Float(random.nextNormal() * standardDeviation)
        }
    }
}
