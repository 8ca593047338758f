import CKernels

extension CTRModel {
    /// Which arithmetic this process computes in: the same model and samples give the same bits where it has the same name.
    public static var arithmetic: String {
        let kernels = String(cString: Kernels.best.pointee.name)
        #if BLAS
        return MatrixProduct.prefersBLAS ? "\(kernels), BLAS" : kernels
        #else
        return kernels
        #endif
    }
}
