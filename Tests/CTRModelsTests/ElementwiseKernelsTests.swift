import CKernels
import Foundation
import Testing

@testable import CTRModels

/// Kernels over vectors and rows, of every kind of processor that this one can play.
@Suite struct ElementwiseKernelsTests {
    // --- Elementary functions ---

    /// Bit patterns all over the floats, and where functions turn.
    static let arguments: [Float] =
        stride(from: UInt32(0), to: .max - 70_000, by: 65_521).map { Float(bitPattern: $0) }
        + [
            0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
            -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, 0.625, -0.625, Float(0.625).nextDown, 88.72283,
            88.72284, 89, -87.33654, -87.33655, -103.97207, -103.97208, -104, 9.01, -9.01,
        ]
        + (-2200...2200).map { Float($0) / 20 }

    @Test func `exponentials, sigmoids and tangents are within 1.5 units in the last place`() {
        for kernels in Kernels.all {
            let table = kernels.pointee
            check(table.exponential, most: 1.02) { exp($0) }
            check(table.sigmoid, most: 1.48) { 1 / (1 + exp(-$0)) }
            check(table.hyperbolic_tangent, most: 1.34) { tanh($0) }
        }
    }

    private func check(
        _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void, most: Double,
        _ exact: (Double) -> Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var results = [Float](repeating: 7, count: Self.arguments.count)
        function(Self.arguments, &results, results.count)
        for (x, y) in zip(Self.arguments, results) {
            let value = exact(Double(x))
            let rounded = Float(value)
            if !rounded.isFinite || !y.isFinite {
                #expect(rounded.isNaN ? y.isNaN : y == rounded, "\(x)", sourceLocation: sourceLocation)
            } else if abs(Double(y) - value) > most * Double(rounded.ulp) {
                Issue.record("\(x): \(y) for \(value)", sourceLocation: sourceLocation)
            }
        }
        // By themselves and in the tail of a vector elements are the same.
        for count in 1...40 {
            let part = GuardedFloats(Array(Self.arguments.suffix(count)))
            part({ function($0, $0, count) }, sourceLocation: sourceLocation)
            #expect(areSame(part.values, Array(results.suffix(count))), sourceLocation: sourceLocation)
        }
    }

    @Test func `softmax and its gradient are those in double`() {
        for kernels in Kernels.all {
            for count in 1...40 {
                let x = numbers(count, seed: UInt64(count)).map { $0 * 10 }
                let slopes = numbers(count, seed: UInt64(1000 + count))
                let result = GuardedFloats(x)
                result { kernels.pointee.softmax($0, count) }
                let powers = x.map { exp(Double($0)) }
                let sum = powers.reduce(0, +)
                #expect(agree(result.values, powers.map { Float($0 / sum) }, relative: 1e-6))
                let gradient = GuardedFloats(slopes)
                gradient { kernels.pointee.softmax_gradient(result.values, $0, count) }
                // Of the result as it is rounded. A difference of two numbers of up to 1 is in it.
                let mean = zip(result.values, slopes).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                let isNear = zip(zip(result.values, slopes), gradient.values).allSatisfy { given, slope in
                    let share = Double(given.0)
                    return abs(share * (Double(given.1) - mean) - Double(slope)) <= 1e-6 * share
                }
                #expect(isNear)
            }
            var large: [Float] = [1000, -.infinity, 1000, -1000]
            kernels.pointee.softmax(&large, 4)
            #expect(large == [0.5, 0, 0.5, 0])
            var broken: [Float] = [1, .nan, 2]
            kernels.pointee.softmax(&broken, 3)
            #expect(areSame(broken, [.nan, .nan, .nan]))
        }
    }

    // --- Optimisers ---

    @Test(arguments: [plumb_sgd, plumb_adagrad, plumb_adam].map(\.rawValue))
    func `updates are the documented arithmetic to the bit`(method: UInt32) {
        var rule = plumb_update(
            method: plumb_update_method(method), rate: 0.1, weight_decay: 0.01, epsilon: 1e-7, take1: 0.1, keep2: 0.99,
            take2: 0.01)
        for kernels in Kernels.all {
            for count in 1...40 {
                let shards = 1 + count % 3
                let gradients = (0..<shards).map { numbers(count, seed: UInt64($0)) }
                let start = [numbers(count, seed: 5), positive(count, seed: 6), positive(count, seed: 7)]
                let (p, first, second) = (GuardedFloats(start[0]), GuardedFloats(start[1]), GuardedFloats(start[2]))
                let flat = gradients.flatMap { $0 }
                flat.withUnsafeBufferPointer { flat in
                    guard let flat = flat.baseAddress else { return }
                    let pointers = (0..<shards).map { flat + $0 * count }
                    p { p in
                        first { first in
                            second { second in
                                kernels.pointee.update(&rule, p, first, second, pointers, shards, count)
                            }
                        }
                    }
                }
                var (expectedP, expectedFirst, expectedSecond) = (start[0], start[1], start[2])
                for index in 0..<count {
                    let sum = gradients.dropFirst().reduce(gradients[0][index]) { $0 + $1[index] }
                    let slope = sum + rule.weight_decay * expectedP[index]
                    switch rule.method {
                    case plumb_sgd: expectedP[index] -= rule.rate * slope
                    case plumb_adagrad:
                        expectedFirst[index] += slope * slope
                        expectedP[index] -= rule.rate * slope / (expectedFirst[index].squareRoot() + rule.epsilon)
                    default:
                        expectedFirst[index] += rule.take1 * (slope - expectedFirst[index])
                        expectedSecond[index] = rule.keep2 * expectedSecond[index] + rule.take2 * (slope * slope)
                        expectedP[index] -=
                            rule.rate * expectedFirst[index] / (expectedSecond[index].squareRoot() + rule.epsilon)
                    }
                }
                #expect(areSame(p.values, expectedP) && areSame(first.values, expectedFirst))
                #expect(areSame(second.values, expectedSecond))
            }
        }
    }

    @Test(arguments: [plumb_sgd, plumb_adagrad, plumb_adam].map(\.rawValue))
    func `updated rows are those of updates one by one, and the others stay`(method: UInt32) {
        var rule = plumb_update(
            method: plumb_update_method(method), rate: 0.1, weight_decay: 0.01, epsilon: 1e-7, take1: 0.1, keep2: 0.99,
            take2: 0.01)
        let stateWidth = rule.method == plumb_sgd ? 0 : rule.method == plumb_adagrad ? 1 : 2
        for kernels in Kernels.all {
            for width in 1...40 {
                let ids: [UInt32] = [7, 0, 3, 8, 1]
                let gradients = numbers(ids.count * width, seed: 1)
                let start = (numbers(9 * width, seed: 2), positive(9 * width * stateWidth, seed: 3))
                let (table, state) = (GuardedFloats(start.0), GuardedFloats(start.1))
                table { table in
                    state { kernels.pointee.update_rows(&rule, table, $0, ids, gradients, ids.count, width) }
                }
                var (expected, expectedState) = start
                expected.withUnsafeMutableBufferPointer { expected in
                    expectedState.withUnsafeMutableBufferPointer { state in
                        gradients.withUnsafeBufferPointer { gradients in
                            guard let p = expected.baseAddress, let slopes = gradients.baseAddress else { return }
                            for (row, id) in ids.enumerated() {
                                let first = state.baseAddress.map { $0 + Int(id) * width * stateWidth }
                                let second = stateWidth == 2 ? first.map { $0 + width } : nil
                                kernels.pointee.update(
                                    &rule, p + Int(id) * width, first, second, [slopes + row * width], 1, width)
                            }
                        }
                    }
                }
                #expect(areSame(table.values, expected) && areSame(state.values, expectedState))
            }
        }
    }

    // --- Rows of tables ---

    @Test func `copied rows are the table's, in the order of the ids`() {
        for kernels in Kernels.all {
            for width in 1...40 {
                let table = numbers(50 * width, seed: 1)
                let ids = (0..<70).map { UInt32($0 * 31 % 50) }
                let result = GuardedFloats([Float](repeating: 7, count: ids.count * width))
                result { kernels.pointee.copy_rows(table, ids, $0, ids.count, width) }
                #expect(areSame(result.values, ids.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }))
                result { kernels.pointee.copy_rows(table, ids, $0, 0, width) }
            }
        }
    }

    @Test func `one number that is not finite is found wherever it stands`() {
        for kernels in Kernels.all {
            for count in 1...40 {
                var x = numbers(count, seed: 1)
                x[count / 2] = .greatestFiniteMagnitude
                x[0] = -.greatestFiniteMagnitude
                #expect(kernels.pointee.are_finite(x, count))
                for broken in [Float.nan, .infinity, -.infinity] {
                    for place in 0..<count {
                        var y = x
                        y[place] = broken
                        #expect(!kernels.pointee.are_finite(y, count))
                        #expect(kernels.pointee.are_finite(y, place))
                    }
                }
            }
        }
    }

    // --- Rows of matrices ---

    @Test func `dot products of rows are those in double, and the same bits from all vectors that fuse`() {
        for width in 1...40 {
            let (rows, gap) = (1 + width % 5, width % 3)
            let (x, w) = (numbers(rows * (width + gap), seed: 1), numbers(width, seed: 2))
            let start = numbers(rows, seed: 3)
            let results = Kernels.all.map { kernels in
                let y = GuardedFloats(start)
                y { kernels.pointee.dot_rows(x, width + gap, w, rows, width, $0) }
                return y.values
            }
            let expected = (0..<rows).map { row in
                Float(
                    (0..<width).reduce(Double(start[row])) { $0 + Double(x[row * (width + gap) + $1]) * Double(w[$1]) })
            }
            for result in results { #expect(agree(result, expected, relative: 1e-5)) }
            let fused = zip(Kernels.all, results).filter { MatrixProductTests.isFused($0.0) }
            for result in fused { #expect(areSame(result.1, fused[0].1)) }
        }
    }

    @Test func `sums of rows and ReLU's gradient go row by row`() {
        for kernels in Kernels.all {
            for width in 1...40 {
                let rows = 1 + width % 7
                let y = numbers(rows * width, seed: 1).map { max(0, $0) }
                let slopes = numbers(rows * width, seed: 2)
                let start = numbers(width, seed: 3)
                let (sums, dy, bias) = (GuardedFloats(start), GuardedFloats(slopes), GuardedFloats(start))
                sums { kernels.pointee.add_rows(slopes, width, $0, rows, width) }
                dy { dy in bias { kernels.pointee.rectify_gradient(y, width, dy, width, $0, rows, width) } }
                var (expectedSums, expectedBias, expectedSlopes) = (start, start, slopes)
                for index in slopes.indices {
                    expectedSums[index % width] += slopes[index]
                    if y[index] == 0 { expectedSlopes[index] = 0 }
                    expectedBias[index % width] += expectedSlopes[index]
                }
                #expect(areSame(sums.values, expectedSums))
                #expect(areSame(dy.values, expectedSlopes) && areSame(bias.values, expectedBias))
            }
        }
    }

    @Test func `PReLU and its gradients are torch's`() {
        for kernels in Kernels.all {
            for width in 1...40 {
                let rows = 1 + width % 7
                var s = numbers(rows * width, seed: 1)
                // Not above 0: torch's gradient is that of the slope.
                s[0] = 0
                let (alpha, slopes) = (numbers(width, seed: 2), numbers(rows * width, seed: 3))
                let start = numbers(width, seed: 4)
                let y = GuardedFloats(s)
                y { kernels.pointee.prelu(s, alpha, $0, rows, width) }
                let (dy, alphas, bias) = (GuardedFloats(slopes), GuardedFloats(start), GuardedFloats(start))
                dy { dy in
                    alphas { alphas in
                        bias { kernels.pointee.prelu_gradient(s, alpha, dy, alphas, $0, rows, width) }
                    }
                }
                var (expectedY, expectedSlopes, expectedAlphas, expectedBias) = (s, slopes, start, start)
                for index in s.indices {
                    let unit = index % width
                    if s[index] <= 0 {
                        expectedY[index] *= alpha[unit]
                        expectedAlphas[unit] += slopes[index] * s[index]
                        expectedSlopes[index] *= alpha[unit]
                    }
                    expectedBias[unit] += expectedSlopes[index]
                }
                #expect(areSame(y.values, expectedY) && areSame(dy.values, expectedSlopes))
                #expect(areSame(alphas.values, expectedAlphas) && areSame(bias.values, expectedBias))
            }
            var broken: [Float] = [.nan, .infinity, -.infinity]
            kernels.pointee.prelu(broken, [2, 2, 2], &broken, 1, 3)
            #expect(areSame(broken, [.nan, .infinity, -.infinity]))
        }
    }

    @Test(arguments: [1, 2, 63, 64, 65, 200]) func `means and variances of columns are those in double`(rows: Int) {
        for kernels in Kernels.all {
            for width in [1, 3, 4, 7, 8, 15, 16, 17, 33, 40] {
                // Far from 0, where a variance from squares would be lost.
                let x = numbers(rows * width, seed: UInt64(width)).map { $0 + 100 }
                let (mean, variance) = (GuardedFloats(numbers(width, seed: 1)), GuardedFloats(numbers(width, seed: 2)))
                mean { mean in variance { kernels.pointee.moments(x, rows, width, mean, $0) } }
                for column in 0..<width {
                    let values = (0..<rows).map { Double(x[$0 * width + column]) }
                    let middle = values.reduce(0, +) / Double(rows)
                    let spread = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(rows)
                    #expect(abs(Double(mean.values[column]) - middle) <= 1e-6 * middle)
                    #expect(abs(Double(variance.values[column]) - spread) <= 1e-4 * spread + 1e-10)
                }
            }
        }
    }

    @Test(arguments: [1, 5, 64, 130], [true, false])
    func `Dice and its gradients are those in double`(rows: Int, throughMoments: Bool) {
        for kernels in Kernels.all {
            for width in [1, 4, 7, 8, 16, 19, 40] {
                let s = numbers(rows * width, seed: 1)
                let slopes = numbers(rows * width, seed: 2)
                let (alpha, start) = (numbers(width, seed: 3), numbers(width, seed: 4))
                var (mean, variance) = (numbers(width, seed: 5), positive(width, seed: 6))
                if throughMoments { kernels.pointee.moments(s, rows, width, &mean, &variance) }
                let inverse = variance.map { 1 / ($0 + 0.01).squareRoot() }
                let y = GuardedFloats(slopes)
                y { kernels.pointee.dice(s, mean, inverse, alpha, $0, rows, width) }
                let (dy, alphas, bias) = (GuardedFloats(slopes), GuardedFloats(start), GuardedFloats(start))
                dy { dy in
                    alphas { alphas in
                        bias {
                            kernels.pointee.dice_gradient(
                                s, mean, inverse, alpha, dy, alphas, $0, throughMoments, rows, width)
                        }
                    }
                }
                let exact = DiceInDouble(
                    s: s, slopes: slopes, alpha: alpha, mean: mean, inverse: inverse, throughMoments: throughMoments,
                    rows: rows, width: width)
                #expect(agree(y.values, exact.y.map { Float($0) }, relative: 2e-6))
                #expect(agree(dy.values, exact.slopes.map { Float($0) }, relative: 1e-5))
                let added = { (sums: [Double]) in zip(start, sums).map { Float(Double($0) + $1) } }
                #expect(agree(alphas.values, added(exact.alphaSlopes), relative: 1e-5))
                #expect(agree(bias.values, added(exact.biasSlopes), relative: 1e-5))
            }
        }
    }

    /// The layer's formulas and, with moments, those of batch normalisation (Ioffe and Szegedy 2015, section 3).
    private struct DiceInDouble {
        var y: [Double] = []
        var slopes: [Double]
        var alphaSlopes: [Double]
        var biasSlopes: [Double]

        init(
            s: [Float], slopes: [Float], alpha: [Float], mean: [Float], inverse: [Float], throughMoments: Bool,
            rows: Int, width: Int
        ) {
            self.slopes = slopes.map { Double($0) }
            alphaSlopes = [Double](repeating: 0, count: width)
            biasSlopes = alphaSlopes
            var (sums, products) = (alphaSlopes, alphaSlopes)
            for index in s.indices {
                let unit = index % width
                let (value, a) = (Double(s[index]), Double(alpha[unit]))
                let normal = (value - Double(mean[unit])) * Double(inverse[unit])
                let p = 1 / (1 + exp(-normal))
                y.append((p + (1 - p) * a) * value)
                let slope = self.slopes[index]
                let through = slope * (1 - a) * value * p * (1 - p)
                alphaSlopes[unit] += slope * (1 - p) * value
                sums[unit] += through
                products[unit] += through * normal
                self.slopes[index] = slope * (p + (1 - p) * a) + through * Double(inverse[unit])
            }
            for index in s.indices {
                let unit = index % width
                let normal = (Double(s[index]) - Double(mean[unit])) * Double(inverse[unit])
                if throughMoments {
                    self.slopes[index] -=
                        Double(inverse[unit]) * (sums[unit] + normal * products[unit]) / Double(rows)
                }
                biasSlopes[unit] += self.slopes[index]
            }
        }
    }

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in Float(random.nextUniform() * 2 - 1) }
    }

    private func positive(_ count: Int, seed: UInt64) -> [Float] { numbers(count, seed: seed).map { abs($0) } }
}
