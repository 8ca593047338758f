import Foundation
import Testing

@testable import CTRModels

@Suite struct CrossEntropyTests {
    private static func loss(_ logits: [Float], _ labels: [Float], weights: [Float]? = nil) -> Double {
        var gradients = [Float](repeating: 0, count: logits.count)
        let rows = logits.indices.map { Int32($0) }
        return rows.withUnsafeBufferPointer { rows in
            labels.withUnsafeBufferPointer { labels in
                func loss(_ weights: UnsafeBufferPointer<Float>?) -> Double {
                    CrossEntropy.lossAndGradient(
                        logits: logits, rows: rows, labels: labels, weights: weights, divisor: 1,
                        logitGradients: &gradients)
                }
                return weights.map { $0.withUnsafeBufferPointer { loss($0) } } ?? loss(nil)
            }
        }
    }

    @Test(arguments: [1, 999, 1000, 1001, 5000])
    func `one logarithm of many rows is the sum of theirs`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let logits = (0..<count).map { _ in Float(random.nextUniform() * 60 - 30) }
        let labels = (0..<count).map { _ in Float(random.next() & 1) }
        var expected = 0.0
        for (logit, label) in zip(logits, labels) {
            let z = Double(logit)
            expected += max(z, 0) - Double(label) * z + log1p(exp(-abs(z)))
        }
        #expect(abs(Self.loss(logits, labels) - expected) <= 1e-14 * max(1, expected) * Double(count).squareRoot())
        #expect(
            abs(Self.loss(logits, labels, weights: labels.map { _ in 1 }) - expected) <= 1e-13 * max(1, expected))
    }

    @Test func `all the most uncertain rows do not overflow`() {
        let count = 3000
        let loss = Self.loss([Float](repeating: 0, count: count), [Float](repeating: 0.5, count: count))
        #expect(abs(loss - Double(count) * log(2)) < 1e-9)
    }

    @Test(arguments: [Float.nan, .infinity])
    func `a logit that is not finite gives a loss that is not`(_ logit: Float) {
        #expect(!Self.loss([0, logit, 0], [0, 0, 1]).isFinite)
    }
}
