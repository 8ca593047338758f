import Testing

@testable import CTRModels

/// The three products, by the kernels or BLAS as this system has it, against sums in double. All kernels that the
/// processor runs: `MatrixProductTests`.
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
    }

    /// Shapes and transposes by turns, one call right behind the other: one shape alone, or calls far apart, do not
    /// show what threads do to each other.
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
    }

    @Test func `a start is added, and ReLU lets NaN through, so that a diverging run is seen`() {
        let bias: [Float] = [-1, 2, .nan, 0.5, -3, 1, 1, 1, -1, .nan]
        // One input of 1, and weights of 0, 0, 0, -1, 4, 0, …: the layer's sums are bias + weight.
        let weight: [Float] = [0, 0, 0, -1, 4, 0, 0, 0, 0, 0]
        var y = [Float](repeating: 7, count: 10)
        bias.withUnsafeBufferPointer { bias in
            guard let bias = bias.baseAddress else { return }
            LinearKernels.forward(
                x: [1], weight: weight, y: &y, rows: 1, inputs: 1, outputs: 10, startingFrom: .bias(bias),
                rectified: true)
        }
        #expect(y.map(\.isNaN) == bias.map(\.isNaN))
        #expect(y.filter { !$0.isNaN } == [0, 2, 0, 1, 1, 1, 1, 0])
    }

    @Test func `strides pick columns of wider matrices, and leave the others alone`() {
        // x is columns 1 and 2 of 3, y columns 1 and 2 of 4.
        var y = [Float](repeating: 9, count: 8)
        y.withUnsafeMutableBufferPointer { y in
            guard let y = y.baseAddress else { return }
            [0, 1, 2, 0, 3, 4].withUnsafeBufferPointer { (x: UnsafeBufferPointer<Float>) in
                guard let x = x.baseAddress else { return }
                LinearKernels.forward(
                    x: x + 1, xStride: 3, weight: [1, 10, 100, 1000], y: y + 1, yStride: 4, rows: 2, inputs: 2,
                    outputs: 2)
                LinearKernels.inputGradient(
                    dy: x + 1, dyStride: 3, weight: [1, 10, 100, 1000], dx: y + 1, dxStride: 4, rows: 2, inputs: 2,
                    outputs: 2, startingFrom: .result)
            }
        }
        #expect(y == [9, 222, 4110, 9, 9, 446, 8330, 9])
    }

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Float(random.nextUniform() * 2 - 1) }
    }

    private func sum(_ count: Int, _ product: (Int) -> Float) -> Float {
        Float((0..<count).reduce(0.0) { $0 + Double(product($1)) })
    }
}
