#if BLAS
import CBLAS
#endif

/// The three products of a linear layer y = x · Wᵀ (torch.nn.Linear without its bias). All matrices are row-major:
///
///     x [rows, inputs]   weight [outputs, inputs]   y [rows, outputs]      and their gradients likewise
///
/// Under the trait `BLAS` products of `blasThreshold` multiplications and more go to `cblas_sgemm`; the rest, and all
/// without the trait, to `PortableMatrixProduct`. An output overlaps no other argument; sizes are at least 1.
enum LinearKernels {
    /// y = x · Wᵀ. [rows, outputs] from [rows, inputs] and [outputs, inputs].
    static func forward(
        x: UnsafePointer<Float>, weight: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>,
        rows: Int, inputs: Int, outputs: Int
    ) {
        #if BLAS
        if rows * inputs * outputs >= blasThreshold {
            BLASGate.pass {
                cblas_sgemm(
                    CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs),
                    1, x, Int32(inputs), weight, Int32(inputs), 0, y, Int32(outputs))
            }
            return
        }
        #endif
        PortableMatrixProduct.rowsByRows(x, weight, into: y, m: rows, n: outputs, k: inputs)
    }

    /// dx = dy · W. [rows, inputs] from [rows, outputs] and [outputs, inputs].
    static func inputGradient(
        dy: UnsafePointer<Float>, weight: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
        rows: Int, inputs: Int, outputs: Int
    ) {
        #if BLAS
        if rows * inputs * outputs >= blasThreshold {
            BLASGate.pass {
                cblas_sgemm(
                    CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(inputs), Int32(outputs),
                    1, dy, Int32(outputs), weight, Int32(inputs), 0, dx, Int32(inputs))
            }
            return
        }
        #endif
        PortableMatrixProduct.rowsByColumns(
            dy, rowStride: outputs, stepStride: 1, weight, into: dx, m: rows, n: inputs, k: outputs, adding: false)
    }

    /// dW += dyᵀ · x. [outputs, inputs] from [rows, outputs] and [rows, inputs].
    static func addWeightGradient(
        dy: UnsafePointer<Float>, x: UnsafePointer<Float>, dw: UnsafeMutablePointer<Float>,
        rows: Int, inputs: Int, outputs: Int
    ) {
        #if BLAS
        if rows * inputs * outputs >= blasThreshold {
            BLASGate.pass {
                cblas_sgemm(
                    CblasRowMajor, CblasTrans, CblasNoTrans, Int32(outputs), Int32(inputs), Int32(rows),
                    1, dy, Int32(outputs), x, Int32(inputs), 1, dw, Int32(inputs))
            }
            return
        }
        #endif
        PortableMatrixProduct.rowsByColumns(
            dy, rowStride: 1, stepStride: outputs, x, into: dw, m: outputs, n: inputs, k: rows, adding: true)
    }

    #if BLAS
    /// Below this many multiplications a call of BLAS costs more than it saves.
    private static let blasThreshold = 2048

    /// OpenBLAS would start threads of its own and sum in an order that depends on them; one thread keeps results the
    /// same bits. Run once, before the first product. Accelerate needs no such thing.
    static let useOneThread: Void = {
        #if !canImport(Darwin)
        openblas_set_num_threads(1)
        #endif
    }()
    #endif
}
