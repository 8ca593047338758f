/// A candidate that lost: matrix products in plain Swift SIMD, tiles of the result held in registers, written once. All matrices are row-major;
/// the result overlaps no argument. Each element is summed in an order that depends on the sizes alone.
enum SwiftProduct {
    /// C = A · Bᵀ: C [m, n], A [m, k], B [n, k]. Both are read along k: dot products in tiles of 2 × 4.
    static func rowsByRows(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
        m: Int, n: Int, k: Int
    ) {
        var row = 0
        while row + 2 <= m {
            let a0 = a + row * k
            let a1 = a0 + k
            let c0 = c + row * n
            let c1 = c0 + n
            var column = 0
            while column + 4 <= n {
                dotTile(a0, a1, b + column * k, c0 + column, c1 + column, k: k)
                column += 4
            }
            while column < n {
                c0[column] = VectorKernels.dot(a0, b + column * k, count: k)
                c1[column] = VectorKernels.dot(a1, b + column * k, count: k)
                column += 1
            }
            row += 2
        }
        if row < m {
            for column in 0..<n {
                c[row * n + column] = VectorKernels.dot(a + row * k, b + column * k, count: k)
            }
        }
    }

    /// Eight dot products: rows a0, a1 by four consecutive rows of B.
    @inline(__always)
    private static func dotTile(
        _ a0: UnsafePointer<Float>, _ a1: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
        _ c0: UnsafeMutablePointer<Float>, _ c1: UnsafeMutablePointer<Float>, k: Int
    ) {
        let b1 = b + k
        let b2 = b1 + k
        let b3 = b2 + k
        var s00 = SIMD4<Float>()
        var s01 = SIMD4<Float>()
        var s02 = SIMD4<Float>()
        var s03 = SIMD4<Float>()
        var s10 = SIMD4<Float>()
        var s11 = SIMD4<Float>()
        var s12 = SIMD4<Float>()
        var s13 = SIMD4<Float>()
        var step = 0
        while step + 4 <= k {
            let x0 = load4(a0, step)
            let x1 = load4(a1, step)
            let w0 = load4(b, step)
            s00 += x0 * w0
            s10 += x1 * w0
            let w1 = load4(b1, step)
            s01 += x0 * w1
            s11 += x1 * w1
            let w2 = load4(b2, step)
            s02 += x0 * w2
            s12 += x1 * w2
            let w3 = load4(b3, step)
            s03 += x0 * w3
            s13 += x1 * w3
            step += 4
        }
        var sums0 = SIMD4<Float>(s00.sum(), s01.sum(), s02.sum(), s03.sum())
        var sums1 = SIMD4<Float>(s10.sum(), s11.sum(), s12.sum(), s13.sum())
        while step < k {
            let w = SIMD4<Float>(b[step], b1[step], b2[step], b3[step])
            sums0 += w * a0[step]
            sums1 += w * a1[step]
            step += 1
        }
        UnsafeMutableRawPointer(c0).storeBytes(of: sums0, as: SIMD4<Float>.self)
        UnsafeMutableRawPointer(c1).storeBytes(of: sums1, as: SIMD4<Float>.self)
    }

    @inline(__always)
    private static func load4(_ x: UnsafePointer<Float>, _ index: Int) -> SIMD4<Float> {
        UnsafeRawPointer(x + index).loadUnaligned(as: SIMD4<Float>.self)
    }

    /// C = A · B, or C += A · B when `adding`: C [m, n], B [k, n], and A read through strides, so that the same kernel
    /// serves A [m, k] (`rowStride` k, `stepStride` 1) and a transposed [k, m] (1, m). Tiles of 4 × 8.
    static func rowsByColumns(
        _ a: UnsafePointer<Float>, rowStride: Int, stepStride: Int, _ b: UnsafePointer<Float>,
        into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, adding: Bool
    ) {
        var row = 0
        while row + 4 <= m {
            var column = 0
            while column + 8 <= n {
                outerTile(
                    a + row * rowStride, rowStride, stepStride, b + column, c + row * n + column, n: n, k: k,
                    adding: adding)
                column += 8
            }
            if column < n {
                for tailRow in row..<row + 4 {
                    columnTail(
                        a + tailRow * rowStride, stepStride, b, c + tailRow * n, columns: column..<n, n: n, k: k,
                        adding: adding)
                }
            }
            row += 4
        }
        while row < m {
            var column = 0
            while column + 8 <= n {
                let target = c + row * n + column
                var sums = SIMD8<Float>()
                for step in 0..<k { sums += b.load(step * n + column) * a[row * rowStride + step * stepStride] }
                target.store(adding ? target.load(0) + sums : sums, at: 0)
                column += 8
            }
            columnTail(
                a + row * rowStride, stepStride, b, c + row * n, columns: column..<n, n: n, k: k, adding: adding)
            row += 1
        }
    }

    /// Four rows of A by eight columns of B.
    @inline(__always)
    private static func outerTile(
        _ a: UnsafePointer<Float>, _ rowStride: Int, _ stepStride: Int, _ b: UnsafePointer<Float>,
        _ c: UnsafeMutablePointer<Float>, n: Int, k: Int, adding: Bool
    ) {
        var s0 = SIMD8<Float>()
        var s1 = SIMD8<Float>()
        var s2 = SIMD8<Float>()
        var s3 = SIMD8<Float>()
        var x = a
        var w = b
        for _ in 0..<k {
            let columns = w.load(0)
            s0 += columns * x[0]
            s1 += columns * x[rowStride]
            s2 += columns * x[2 * rowStride]
            s3 += columns * x[3 * rowStride]
            x += stepStride
            w += n
        }
        if adding {
            s0 += c.load(0)
            s1 += c.load(n)
            s2 += c.load(2 * n)
            s3 += c.load(3 * n)
        }
        c.store(s0, at: 0)
        c.store(s1, at: n)
        c.store(s2, at: 2 * n)
        c.store(s3, at: 3 * n)
    }

    /// The columns that fill no tile, for one row of A.
    @inline(__always)
    private static func columnTail(
        _ a: UnsafePointer<Float>, _ stepStride: Int, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
        columns: Range<Int>, n: Int, k: Int, adding: Bool
    ) {
        for column in columns {
            var sum: Float = 0
            for step in 0..<k { sum += a[step * stepStride] * b[step * n + column] }
            c[column] = adding ? c[column] + sum : sum
        }
    }
}
