import CKernels

#if BLAS
import CBLAS
#endif

/// The three products of a linear layer y = x · Wᵀ (torch.nn.Linear), without or with its bias. All matrices are
/// row-major:
///
///     x [rows, inputs]   weight [outputs, inputs]   y [rows, outputs]      and their gradients likewise
///
/// A stride is the floats from one row to the next; nil: rows lie one behind the other. So a layer may read from and
/// write into some columns of a wider matrix.
///
/// Products are those of the target CKernels. In these models' layers they are as fast as OpenBLAS' or faster from 50 rows
/// on, and run on any number of threads at once (`Benchmarks/README.md`, section kernels). So BLAS, under the trait `BLAS`,
/// has large products only where the kernels do not know the processor's widest vectors: on Apple's systems, whose
/// Accelerate has matrix units, and on processors for which only the baseline is built.
///
/// With CKernels an element is start + x₀w₀ + x₁w₁ + … in that order: the same bits for a row whatever the other rows are.
/// An output overlaps no other argument; sizes are at least 1.
enum LinearKernels {
    /// What a product is added to.
    enum Start {
        case zeros
        /// A bias [outputs], the same for every row.
        case bias(UnsafePointer<Float>)
        /// What the result held before.
        case result
    }

    /// y = start + x · Wᵀ, and then max(0, y) if `rectified`, where NaN stays NaN.
    /// [rows, outputs] from [rows, inputs] and [outputs, inputs].
    static func forward(
        x: UnsafePointer<Float>, xStride: Int? = nil, weight: UnsafePointer<Float>, weightStride: Int? = nil,
        y: UnsafeMutablePointer<Float>, yStride: Int? = nil, rows: Int, inputs: Int, outputs: Int,
        startingFrom start: Start = .zeros, rectified: Bool = false
    ) {
        multiply(
            Product(
                m: rows, n: outputs, k: inputs, a: x, aStride: xStride ?? inputs, b: weight,
                bStride: weightStride ?? inputs, transposed: .b, c: y, cStride: yStride ?? outputs, start: start,
                isRectified: rectified))
    }

    /// The same from the weight's transpose Wᵀ [inputs, outputs].
    static func forward(
        x: UnsafePointer<Float>, transposedWeight: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, rows: Int,
        inputs: Int, outputs: Int, startingFrom start: Start = .zeros, rectified: Bool = false
    ) {
        multiply(
            Product(
                m: rows, n: outputs, k: inputs, a: x, aStride: inputs, b: transposedWeight, bStride: outputs,
                transposed: .neither, c: y, cStride: outputs, start: start, isRectified: rectified))
    }

    /// dx = start + dy · W. [rows, inputs] from [rows, outputs] and [outputs, inputs].
    static func inputGradient(
        dy: UnsafePointer<Float>, dyStride: Int? = nil, weight: UnsafePointer<Float>, weightStride: Int? = nil,
        dx: UnsafeMutablePointer<Float>, dxStride: Int? = nil, rows: Int, inputs: Int, outputs: Int,
        startingFrom start: Start = .zeros
    ) {
        multiply(
            Product(
                m: rows, n: inputs, k: outputs, a: dy, aStride: dyStride ?? outputs, b: weight,
                bStride: weightStride ?? inputs, transposed: .neither, c: dx, cStride: dxStride ?? inputs,
                start: start, isRectified: false))
    }

    /// dW += dyᵀ · x. [outputs, inputs] from [rows, outputs] and [rows, inputs].
    static func addWeightGradient(
        dy: UnsafePointer<Float>, dyStride: Int? = nil, x: UnsafePointer<Float>, xStride: Int? = nil,
        dw: UnsafeMutablePointer<Float>, dwStride: Int? = nil, rows: Int, inputs: Int, outputs: Int
    ) {
        multiply(
            Product(
                m: outputs, n: inputs, k: rows, a: dy, aStride: dyStride ?? outputs, b: x, bStride: xStride ?? inputs,
                transposed: .a, c: dw, cStride: dwStride ?? inputs, start: .result, isRectified: false))
    }

    /// c [m, n] = start + a [m, k] · b [k, n], where the transpose is stored of at most one of a and b.
    private struct Product {
        enum Transposed { case neither, a, b }

        let m: Int
        let n: Int
        let k: Int
        let a: UnsafePointer<Float>
        let aStride: Int
        let b: UnsafePointer<Float>
        let bStride: Int
        let transposed: Transposed
        let c: UnsafeMutablePointer<Float>
        let cStride: Int
        let start: Start
        let isRectified: Bool
    }

    @inline(__always)
    private static func multiply(_ product: Product) {
        #if BLAS
        if prefersBLAS, product.m * product.n * product.k >= blasThreshold {
            multiplyByBLAS(product)
            return
        }
        #endif
        let isOfA = product.transposed == .a
        var arguments = plumb_product(
            m: product.m, n: product.n, k: product.k,
            a: product.a, a_row: isOfA ? 1 : product.aStride, a_step: isOfA ? product.aStride : 1,
            b: product.b, b_row: product.bStride, b_is_transposed: product.transposed == .b,
            c: product.c, c_row: product.cStride, start: nil, start_row: 0, is_rectified: product.isRectified)
        switch product.start {
        case .zeros: break
        case .bias(let bias): arguments.start = bias
        case .result:
            arguments.start = UnsafePointer(product.c)
            arguments.start_row = product.cStride
        }
        Kernels.best.pointee.product(&arguments)
    }

    #if BLAS
    /// Whether large products go to BLAS.
    #if canImport(Darwin)
    private static let prefersBLAS = true
    #else
    private static let prefersBLAS = Kernels.all.count == 1
    #endif

    /// Below this many multiplications a call of BLAS costs more than it saves.
    private static let blasThreshold = 32768

    private static func multiplyByBLAS(_ product: Product) {
        var beta: Float = 1
        switch product.start {
        case .zeros: beta = 0
        case .bias(let bias):
            for row in 0..<product.m { (product.c + row * product.cStride).update(from: bias, count: product.n) }
        case .result: break
        }
        BLASGate.pass {
            cblas_sgemm(
                CblasRowMajor, product.transposed == .a ? CblasTrans : CblasNoTrans,
                product.transposed == .b ? CblasTrans : CblasNoTrans, Int32(product.m), Int32(product.n),
                Int32(product.k), 1, product.a, Int32(product.aStride), product.b, Int32(product.bStride), beta,
                product.c, Int32(product.cStride))
        }
        guard product.isRectified else { return }
        for row in 0..<product.m {
            let c = product.c + row * product.cStride
            for index in stride(from: 0, to: product.n, by: 8) {
                let lanes = min(8, product.n - index)
                let value = c.load(index, lanes)
                c.store(value.replacing(with: 0, where: value .< 0), at: index, lanes)
            }
        }
    }

    /// OpenBLAS would start threads of its own and sum in an order that depends on them; one thread keeps results the
    /// same bits. Run once, before the first product. Accelerate needs no such thing.
    static let useOneThread: Void = {
        #if !canImport(Darwin)
        openblas_set_num_threads(1)
        #endif
    }()
    #endif
}
