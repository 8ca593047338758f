extension LinearKernels {
    /// dx += dy · W. [rows, inputs] from [rows, outputs] and [outputs, inputs].
    static func addInputGradient(
        dy: UnsafePointer<Float>, weight: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
        rows: Int, inputs: Int, outputs: Int
    ) {
        PortableMatrixProduct.rowsByColumns(
            dy, rowStride: outputs, stepStride: 1, weight, into: dx, m: rows, n: inputs, k: outputs, adding: true)
    }
}
