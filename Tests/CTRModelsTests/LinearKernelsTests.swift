import Testing

@testable import CTRModels

/// The three products, through BLAS where the trait is on and the product large enough, and the portable kernels always,
/// against sums in double.
@Suite struct LinearKernelsTests {
    /// rows, inputs, outputs: below, at and above tile sizes, on both sides of the BLAS threshold.
    static let sizes = [
        (1, 1, 1), (1, 3, 2), (2, 4, 4), (3, 5, 7), (4, 8, 8), (5, 9, 11), (7, 16, 1), (1, 17, 33), (8, 31, 13),
        (16, 32, 64), (33, 63, 65), (100, 37, 29), (257, 80, 10),
    ]

    @Test(arguments: sizes) func `the forward product is exact`(rows: Int, inputs: Int, outputs: Int) {
        let (x, weight) = (numbers(rows * inputs, seed: 1), numbers(outputs * inputs, seed: 2))
        var expected = [Float](repeating: 0, count: rows * outputs)
        for row in 0..<rows {
            for output in 0..<outputs {
                expected[row * outputs + output] = sum(inputs) { x[row * inputs + $0] * weight[output * inputs + $0] }
            }
        }
        // NaN: an element that is not written would show.
        var y = [Float](repeating: .nan, count: rows * outputs)
        LinearKernels.forward(x: x, weight: weight, y: &y, rows: rows, inputs: inputs, outputs: outputs)
        #expect(agree(y, expected, relative: 1e-5))
        y = [Float](repeating: .nan, count: rows * outputs)
        PortableMatrixProduct.rowsByRows(x, weight, into: &y, m: rows, n: outputs, k: inputs)
        #expect(agree(y, expected, relative: 1e-5))
    }

    /// Shapes and transposes by turns, one call right behind the other: one shape alone, or calls far apart, do not show
    /// what threads do to each other.
    @Test func `products of several threads at once are those of one`() async {
        struct Product: Sendable {
            let rows: Int
            let inputs: Int
            let outputs: Int
            let x: [Float]
            let weight: [Float]

            /// The forward product, or as if `x` were a gradient, the input's.
            func callAsFunction(into result: inout [Float], isForward: Bool) {
                if isForward {
                    LinearKernels.forward(
                        x: x, weight: weight, y: &result, rows: rows, inputs: inputs, outputs: outputs)
                } else {
                    LinearKernels.inputGradient(
                        dy: x, weight: weight, dx: &result, rows: rows, inputs: outputs, outputs: inputs)
                }
            }
        }
        let products = [(16, 32, 64), (33, 63, 65), (100, 37, 29), (32, 80, 16), (64, 16, 64)].map { sizes in
            Product(
                rows: sizes.0, inputs: sizes.1, outputs: sizes.2, x: numbers(sizes.0 * sizes.1, seed: 1),
                weight: numbers(sizes.1 * sizes.2, seed: 2))
        }
        @Sendable func results(_ rounds: Int, compared: [[Float]]?) -> (wrong: Int, first: [[Float]]) {
            var wrong = 0
            var first: [[Float]] = []
            for round in 0..<rounds {
                let product = products[round % products.count]
                var result = [Float](repeating: 0, count: product.rows * product.outputs)
                product(into: &result, isForward: round % 2 == 0)
                if let compared {
                    if result != compared[round % compared.count] { wrong += 1 }
                } else {
                    first.append(result)
                }
            }
            return (wrong, first)
        }
        let alone = results(2 * products.count, compared: nil).first
        let wrong = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { results(2_000, compared: alone).wrong } }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    @Test(arguments: sizes) func `the input's gradient is exact`(rows: Int, inputs: Int, outputs: Int) {
        let (dy, weight) = (numbers(rows * outputs, seed: 3), numbers(outputs * inputs, seed: 4))
        var expected = [Float](repeating: 0, count: rows * inputs)
        for row in 0..<rows {
            for input in 0..<inputs {
                expected[row * inputs + input] = sum(outputs) { dy[row * outputs + $0] * weight[$0 * inputs + input] }
            }
        }
        var dx = [Float](repeating: .nan, count: rows * inputs)
        LinearKernels.inputGradient(dy: dy, weight: weight, dx: &dx, rows: rows, inputs: inputs, outputs: outputs)
        #expect(agree(dx, expected, relative: 1e-5))
        dx = [Float](repeating: .nan, count: rows * inputs)
        PortableMatrixProduct.rowsByColumns(
            dy, rowStride: outputs, stepStride: 1, weight, into: &dx, m: rows, n: inputs, k: outputs, adding: false)
        #expect(agree(dx, expected, relative: 1e-5))
    }

    @Test(arguments: sizes) func `the weight's gradient is added`(rows: Int, inputs: Int, outputs: Int) {
        let (dy, x) = (numbers(rows * outputs, seed: 5), numbers(rows * inputs, seed: 6))
        let start = numbers(outputs * inputs, seed: 7)
        var expected = start
        for output in 0..<outputs {
            for input in 0..<inputs {
                expected[output * inputs + input] += sum(rows) { dy[$0 * outputs + output] * x[$0 * inputs + input] }
            }
        }
        var dw = start
        LinearKernels.addWeightGradient(dy: dy, x: x, dw: &dw, rows: rows, inputs: inputs, outputs: outputs)
        #expect(agree(dw, expected, relative: 1e-5))
        dw = start
        PortableMatrixProduct.rowsByColumns(
            dy, rowStride: 1, stepStride: outputs, x, into: &dw, m: outputs, n: inputs, k: rows, adding: true)
        #expect(agree(dw, expected, relative: 1e-5))
    }

    @Test func `ReLU lets NaN through, so that a diverging run is seen`() {
        var y: [Float] = [-1, 2, .nan, 0.5, -3, 1, 1, 1, -1, .nan]
        ActivationKernels.addBiasAndRectify(&y, bias: [0, 0, 0, -1, 4, 0, 0, 0, 0, 0], rows: 1, width: 10)
        #expect(y.map(\.isNaN) == [false, false, true, false, false, false, false, false, false, true])
        #expect(y.filter { !$0.isNaN } == [0, 2, 0, 1, 1, 1, 1, 0])
    }

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Float(random.nextUniform() * 2 - 1) }
    }

    private func sum(_ count: Int, _ product: (Int) -> Float) -> Float {
        Float((0..<count).reduce(0.0) { $0 + Double(product($1)) })
    }
}
