import CKernels
import Testing

@testable import CTRModels

/// The product of every kind of processor that this one can play, to the bit.
@Suite struct MatrixProductTests {
    /// A product with its numbers, strides and start.
    struct Case: Sendable {
        enum Start: CaseIterable { case zeros, bias, result }

        let m: Int
        let n: Int
        let k: Int
        let aIsTransposed: Bool
        let bIsTransposed: Bool
        /// Floats between rows that belong to nobody.
        let gap: Int
        let start: Start
        let isRectified: Bool
        let a: [Float]
        let b: [Float]
        let c: [Float]
        let bias: [Float]
        let aStride: Int
        let bStride: Int
        let cStride: Int

        init(m: Int, n: Int, k: Int, seed: UInt64, special: Float? = nil) {
            var random = SplitMix64(seed: seed)
            func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextUniform() * 2 - 1) } }
            (self.m, self.n, self.k) = (m, n, k)
            aIsTransposed = random.next() % 2 == 0
            bIsTransposed = random.next() % 2 == 0
            gap = Int(random.next() % 4)
            start = Start.allCases[Int(random.next() % 3)]
            isRectified = random.next() % 2 == 0
            aStride = (aIsTransposed ? m : k) + gap
            bStride = (bIsTransposed ? k : n) + gap
            cStride = n + gap
            var a = numbers((aIsTransposed ? k : m) * aStride)
            for index in a.indices where index % 7 == 3 { a[index] = 0 }
            if let special { a[Int(random.next() % UInt64(a.count))] = special }
            self.a = a
            b = numbers((bIsTransposed ? n : k) * bStride)
            c = numbers(m * cStride)
            bias = numbers(n)
        }

        func a(_ i: Int, _ l: Int) -> Float { aIsTransposed ? a[l * aStride + i] : a[i * aStride + l] }
        func b(_ l: Int, _ j: Int) -> Float { bIsTransposed ? b[j * bStride + l] : b[l * bStride + j] }
        func start(_ i: Int, _ j: Int) -> Float {
            switch start {
            case .zeros: 0
            case .bias: bias[j]
            case .result: c[i * cStride + j]
            }
        }

        /// The documented order, one step at a time.
        func expected(isFused: Bool) -> [Float] {
            var result = c
            for i in 0..<m {
                for j in 0..<n {
                    var sum = start(i, j)
                    for l in 0..<k { sum = isFused ? sum.addingProduct(a(i, l), b(l, j)) : sum + a(i, l) * b(l, j) }
                    result[i * cStride + j] = isRectified && sum < 0 ? 0 : sum
                }
            }
            return result
        }

        /// By the kernel; the floats between c's rows too.
        func result(by kernels: UnsafePointer<plumb_kernels>) -> [Float] {
            let guarded = GuardedFloats(c)
            guarded { c in
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        bias.withUnsafeBufferPointer { bias in
                            guard let a = a.baseAddress, let b = b.baseAddress else { return }
                            var product = plumb_product(
                                m: m, n: n, k: k, a: a, a_row: aIsTransposed ? 1 : aStride,
                                a_step: aIsTransposed ? aStride : 1, b: b, b_row: bStride,
                                b_is_transposed: bIsTransposed, c: c, c_row: cStride, start: nil, start_row: 0,
                                is_rectified: isRectified)
                            switch start {
                            case .zeros: break
                            case .bias: product.start = bias.baseAddress
                            case .result:
                                product.start = UnsafePointer(c)
                                product.start_row = cStride
                            }
                            kernels.pointee.product(&product)
                        }
                    }
                }
            }
            return guarded.values
        }
    }

    /// Tails of tiles in every direction, and sizes on both sides of where panels are copied piece by piece.
    static let sizes: [(Int, Int, Int)] = {
        var random = SplitMix64(seed: 11)
        func size() -> Int { 1 + Int(random.next() % 40) }
        return (1...40).map { (size(), $0, size()) } + (1...20).map { ($0, size(), size()) }
            + [(1, 100, 130), (17, 65, 128), (15, 97, 129), (16, 48, 256), (33, 49, 300), (9, 24, 257)]
    }()

    @Test func `each element is summed in the documented order, and nothing else is written`() {
        for (index, size) in Self.sizes.enumerated() {
            let product = Case(m: size.0, n: size.1, k: size.2, seed: UInt64(index))
            for kernels in Kernels.all {
                let expected = product.expected(isFused: Self.isFused(kernels))
                #expect(
                    areSame(product.result(by: kernels), expected),
                    "\(size), \(String(cString: kernels.pointee.name)), case \(index)")
            }
        }
    }

    @Test func `infinities and NaN reach the elements that they are part of, and no others`() {
        for (index, special) in [Float.infinity, -.infinity, .nan].enumerated() {
            for size in Self.sizes.suffix(30) {
                let product = Case(m: size.0, n: size.1, k: size.2, seed: UInt64(index), special: special)
                for kernels in Kernels.all {
                    let expected = product.expected(isFused: Self.isFused(kernels))
                    #expect(areSame(product.result(by: kernels), expected), "\(size) \(special)")
                }
            }
        }
    }

    @Test func `sums are near those in double`() {
        for (index, size) in Self.sizes.enumerated() {
            let product = Case(m: size.0, n: size.1, k: size.2, seed: UInt64(100 + index))
            let result = product.result(by: Kernels.best)
            for i in 0..<product.m {
                for j in 0..<product.n {
                    var sum = Double(product.start(i, j))
                    var size = abs(sum)
                    for l in 0..<product.k {
                        let term = Double(product.a(i, l)) * Double(product.b(l, j))
                        sum += term
                        size += abs(term)
                    }
                    if product.isRectified { sum = max(0, sum) }
                    // Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.1.
                    let bound = Double(2 * product.k) * 0x1p-24 * size
                    #expect(abs(Double(result[i * product.cStride + j]) - sum) <= bound)
                }
            }
        }
    }

    @Test func `threads at once give each the bits of one alone`() async {
        let products = Self.sizes.suffix(12).enumerated().map {
            Case(m: $1.0, n: $1.1, k: $1.2, seed: UInt64($0))
        }
        let alone = products.map { $0.result(by: Kernels.best) }
        let wrong = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<600).count { !areSame(products[$0 % 12].result(by: Kernels.best), alone[$0 % 12]) }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    /// Whether these kernels multiply and add in one rounding.
    static func isFused(_ kernels: UnsafePointer<plumb_kernels>) -> Bool {
        #if arch(x86_64)
        kernels != plumb_kernels_at(Kernels.all.count - 1)
        #else
        true
        #endif
    }
}
