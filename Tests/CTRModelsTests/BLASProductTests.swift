#if BLAS
import Testing

@testable import CTRModels

/// BLAS multiplies only on some systems; that it would give the kernels' results is held here on all.
@Suite struct BLASProductTests {
    @Test(arguments: [MatrixProduct.Transposed.neither, .a, .b], [(1, 1, 1), (7, 33, 20), (64, 40, 129)])
    func `products are the kernels'`(transposed: MatrixProduct.Transposed, sizes: (Int, Int, Int)) {
        var random = SplitMix64(seed: 3)
        let (m, n, k) = sizes
        func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextNormal()) } }
        // Rows wider than what is read and written of them.
        let aStride = (transposed == .a ? m : k) + 3
        let bStride = (transposed == .b ? k : n) + 2
        let cStride = n + 5
        let a = numbers((transposed == .a ? k : m) * aStride)
        let b = numbers((transposed == .b ? n : k) * bStride)
        let (bias, before) = (numbers(n), numbers(m * cStride))
        bias.withUnsafeBufferPointer { bias in
            guard let bias = bias.baseAddress else { return }
            for start in [MatrixProduct.Start.zeros, .bias(bias), .result] {
                for isRectified in [false, true] {
                    func result(_ compute: (MatrixProduct) -> Void) -> [Float] {
                        var c = before
                        c.withUnsafeMutableBufferPointer { c in
                            guard let c = c.baseAddress else { return }
                            a.withUnsafeBufferPointer { a in
                                b.withUnsafeBufferPointer { b in
                                    guard let a = a.baseAddress, let b = b.baseAddress else { return }
                                    compute(
                                        MatrixProduct(
                                            m: m, n: n, k: k, a: a, aStride: aStride, b: b, bStride: bStride,
                                            transposed: transposed, c: c, cStride: cStride, start: start,
                                            isRectified: isRectified))
                                }
                            }
                        }
                        return c
                    }
                    let actual = result { $0.computeByBLAS() }
                    #expect(agree(actual, result { $0.computeByKernels() }, relative: 1e-5))
                    #expect(actual != before)
                }
            }
        }
    }
}
#endif
