/// The arithmetic of one optimiser step on a block of parameters: all dense ones, or one row of a table.
///
/// A block's state lies together: Σg² for Adagrad, all first and then all second moments for Adam. Every parameter moves by
/// itself: part of a block moves as it would with the whole.
struct UpdateRule: Sendable {
    enum Method: Sendable {
        case sgd(rate: Float)
        case adagrad(rate: Float, epsilon: Float)
        /// `rate` holds both bias corrections; `take` is 1 − β and `keep2` β₂, each rounded once from double.
        case adam(rate: Float, epsilon: Float, take1: Float, keep2: Float, take2: Float)
    }

    private let method: Method
    private let weightDecay: Float

    init(_ method: Method, weightDecay: Float) {
        self.method = method
        self.weightDecay = weightDecay
    }

    /// Moves `p` [count] down `g` [count]; `state` [count], and another [count] `stateStride` further for Adam; nil for SGD.
    /// Nothing overlaps.
    @inline(__always)
    func apply(
        _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ state: UnsafeMutablePointer<Float>?,
        stateStride: Int, count: Int
    ) {
        switch method {
        case .sgd(let rate):
            for index in stride(from: 0, to: count, by: 8) {
                let lanes = min(8, count - index)
                let value = p.load(index, lanes)
                p.store(value - rate * (g.load(index, lanes) + weightDecay * value), at: index, lanes)
            }
        case .adagrad(let rate, let epsilon):
            guard let sums = state else { return }
            for index in stride(from: 0, to: count, by: 8) {
                let lanes = min(8, count - index)
                let value = p.load(index, lanes)
                let slope = g.load(index, lanes) + weightDecay * value
                let sum = sums.load(index, lanes) + slope * slope
                sums.store(sum, at: index, lanes)
                p.store(value - rate * slope / (sum.squareRoot() + epsilon), at: index, lanes)
            }
        case .adam(let rate, let epsilon, let take1, let keep2, let take2):
            guard let first = state else { return }
            let second = first + stateStride
            for index in stride(from: 0, to: count, by: 8) {
                let lanes = min(8, count - index)
                let value = p.load(index, lanes)
                let slope = g.load(index, lanes) + weightDecay * value
                let oldMean = first.load(index, lanes)
                let mean = oldMean + take1 * (slope - oldMean)
                let square = keep2 * second.load(index, lanes) + take2 * (slope * slope)
                first.store(mean, at: index, lanes)
                second.store(square, at: index, lanes)
                p.store(value - rate * mean / (square.squareRoot() + epsilon), at: index, lanes)
            }
        }
    }
}
