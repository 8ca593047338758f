extension Architecture {
    /// Parameters that a model may have: 4 TiB of them. Fewer than 2⁵³, so that counts of them are exact as `Double`.
    static let mostParameters = 0x1p40

    /// A number that the parameters and buffers do not exceed, and are not far below: in floating point, which no sizes
    /// make overflow.
    var parameterBound: Double {
        let dimension = Double(embeddingDimension)
        let fields = Double(embeddedFields.count)
        let historyWidth = Double(histories.count) * dimension
        let uses = kind.uses
        // Rows of tables, and one row for each dense field: an embedding and a first-order weight.
        let rows = tableRows.reduce(fields) { $0 + Double($1) }
        var bound = 1 + rows * (dimension + 1)
        if uses.contains(.hiddenLayers) {
            let products = kind == .pnn ? fields * (fields - 1) / 2 : 0
            bound += Self.bound(inputs: fields * dimension + historyWidth + products, hiddenSizes)
        }
        if uses.contains(.crossLayers) {
            let width = fields * dimension
            bound += Double(crossLayers) * width * (width + 1) + width
        }
        if uses.contains(.attentionLayers) { bound += Self.bound(inputs: 4 * historyWidth, attentionSizes) }
        if kind == .dien {
            // Two recurrent layers of two 3K × K matrices and two biases each, and the attention's K × K.
            bound += historyWidth * (13 * historyWidth + 12)
        }
        return bound
    }

    /// The same for hidden layers and the one output after them. A unit has a weight an input, a bias, and no more than
    /// three numbers of its activation.
    private static func bound(inputs: Double, _ sizes: [Int]) -> Double {
        var (bound, inputs) = (0.0, inputs)
        for size in sizes {
            bound += Double(size) * (inputs + 4)
            inputs = Double(size)
        }
        return bound + inputs + 1
    }
}
