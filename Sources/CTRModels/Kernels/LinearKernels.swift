/// The three products of a linear layer y = x · Wᵀ (torch.nn.Linear), without or with its bias. All matrices are
/// row-major:
///
///     x [rows, inputs]   weight [outputs, inputs]   y [rows, outputs]      and their gradients likewise
///
/// A stride is the floats from one row to the next; nil: rows lie one behind the other. So a layer may read from and
/// write into some columns of a wider matrix.
///
/// How they are computed: `MatrixProduct`.
///
/// An output overlaps no other argument; sizes are at least 1.
enum LinearKernels {
    /// What a product is added to.
    typealias Start = MatrixProduct.Start

    /// y = start + x · Wᵀ, and then max(0, y) if `rectified`, where NaN stays NaN.
    /// [rows, outputs] from [rows, inputs] and [outputs, inputs].
    static func forward(
        x: UnsafePointer<Float>, xStride: Int? = nil, weight: UnsafePointer<Float>, weightStride: Int? = nil,
        y: UnsafeMutablePointer<Float>, yStride: Int? = nil, rows: Int, inputs: Int, outputs: Int,
        startingFrom start: Start = .zeros, rectified: Bool = false
    ) {
        MatrixProduct(
            m: rows, n: outputs, k: inputs, a: x, aStride: xStride ?? inputs, b: weight,
            bStride: weightStride ?? inputs, transposed: .b, c: y, cStride: yStride ?? outputs, start: start,
            isRectified: rectified
        ).compute()
    }

    /// The same from the weight's transpose Wᵀ [inputs, outputs].
    static func forward(
        x: UnsafePointer<Float>, transposedWeight: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, rows: Int,
        inputs: Int, outputs: Int, startingFrom start: Start = .zeros, rectified: Bool = false
    ) {
        MatrixProduct(
            m: rows, n: outputs, k: inputs, a: x, aStride: inputs, b: transposedWeight, bStride: outputs,
            transposed: .neither, c: y, cStride: outputs, start: start, isRectified: rectified
        ).compute()
    }

    /// dx = start + dy · W. [rows, inputs] from [rows, outputs] and [outputs, inputs].
    static func inputGradient(
        dy: UnsafePointer<Float>, dyStride: Int? = nil, weight: UnsafePointer<Float>, weightStride: Int? = nil,
        dx: UnsafeMutablePointer<Float>, dxStride: Int? = nil, rows: Int, inputs: Int, outputs: Int,
        startingFrom start: Start = .zeros
    ) {
        MatrixProduct(
            m: rows, n: inputs, k: outputs, a: dy, aStride: dyStride ?? outputs, b: weight,
            bStride: weightStride ?? inputs, transposed: .neither, c: dx, cStride: dxStride ?? inputs,
            start: start, isRectified: false
        ).compute()
    }

    /// dW = start + dyᵀ · x, where it starts from what it held unless told otherwise. [outputs, inputs] from
    /// [rows, outputs] and [rows, inputs].
    static func addWeightGradient(
        dy: UnsafePointer<Float>, dyStride: Int? = nil, x: UnsafePointer<Float>, xStride: Int? = nil,
        dw: UnsafeMutablePointer<Float>, dwStride: Int? = nil, rows: Int, inputs: Int, outputs: Int,
        startingFrom start: Start = .result
    ) {
        MatrixProduct(
            m: outputs, n: inputs, k: rows, a: dy, aStride: dyStride ?? outputs, b: x, bStride: xStride ?? inputs,
            transposed: .a, c: dw, cStride: dwStride ?? inputs, start: start, isRectified: false
        ).compute()
    }
}
