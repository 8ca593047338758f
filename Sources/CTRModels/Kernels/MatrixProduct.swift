import CKernels

#if BLAS
import CBLAS
#endif

/// c [m, n] = start + a [m, k] · b [k, n], row-major, where the transpose is stored of at most one of a and b. A stride
/// is the floats from one stored row to the next. c overlaps neither a nor b.
///
/// Products are those of the target CKernels. From some tens of rows on they are about as fast as OpenBLAS', or faster,
/// and they run on any number of threads at once, which OpenBLAS' serial flavour may not (`Benchmarks/README.md`,
/// section kernels); a few rows are slower. So BLAS has its say under the trait `BLAS` only where the kernels do not
/// know the processor's widest vectors: on Apple's systems, whose Accelerate has matrix units, and on processors for
/// which only the baseline is built.
///
/// With CKernels an element is start + a₀b₀ + a₁b₁ + … in that order: the same bits for a row whatever the other rows
/// are.
struct MatrixProduct {
    enum Transposed { case neither, a, b }

    /// What a product is added to.
    enum Start {
        case zeros
        /// A bias [n], the same for every row.
        case bias(UnsafePointer<Float>)
        /// What the result held before.
        case result
    }

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
    /// Whether negative elements become 0 in the end. NaN stays.
    let isRectified: Bool

    @inline(__always)
    func compute() {
        #if BLAS
        if Self.prefersBLAS, m * n * k >= Self.blasThreshold {
            computeByBLAS()
            return
        }
        #endif
        computeByKernels()
    }

    @inline(__always)
    func computeByKernels() {
        let isOfA = transposed == .a
        var arguments = plumb_product(
            m: m, n: n, k: k, a: a, a_row: isOfA ? 1 : aStride, a_step: isOfA ? aStride : 1, b: b, b_row: bStride,
            b_is_transposed: transposed == .b, c: c, c_row: cStride, start: nil, start_row: 0,
            is_rectified: isRectified)
        switch start {
        case .zeros: break
        case .bias(let bias): arguments.start = bias
        case .result:
            arguments.start = UnsafePointer(c)
            arguments.start_row = cStride
        }
        Kernels.best.pointee.product(&arguments)
    }

    #if BLAS
    /// Whether large products go to BLAS.
    #if canImport(Darwin)
    static let prefersBLAS = true
    #else
    static let prefersBLAS = Kernels.all.count == 1
    #endif

    /// Below this many multiplications a call of BLAS costs more than it saves.
    private static let blasThreshold = 32768

    func computeByBLAS() {
        var beta: Float = 1
        switch start {
        case .zeros: beta = 0
        case .bias(let bias):
            for row in 0..<m { (c + row * cStride).update(from: bias, count: n) }
        case .result: break
        }
        BLASGate.pass {
            cblas_sgemm(
                CblasRowMajor, transposed == .a ? CblasTrans : CblasNoTrans,
                transposed == .b ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(aStride), b,
                Int32(bStride), beta, c, Int32(cStride))
        }
        guard isRectified else { return }
        for row in 0..<m {
            let c = c + row * cStride
            for index in stride(from: 0, to: n, by: 8) {
                let lanes = min(8, n - index)
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
