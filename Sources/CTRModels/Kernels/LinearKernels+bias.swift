extension LinearKernels {
    /// y += bias in every row; y [rows, width], bias [width].
    static func addBias(_ y: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, rows: Int, width: Int) {
        for row in 0..<rows { VectorKernels.add(bias, scaledBy: 1, to: y + row * width, count: width) }
    }

    /// sums [width] += the sum of dy's rows; dy [rows, width].
    static func addColumnSums(
        _ dy: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        for row in 0..<rows { VectorKernels.add(dy + row * width, scaledBy: 1, to: sums, count: width) }
    }
}
