import CKernels

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

    private let update: plumb_update

    init(_ method: Method, weightDecay: Float) {
        switch method {
        case .sgd(let rate):
            update = plumb_update(
                method: plumb_sgd, rate: rate, weight_decay: weightDecay, epsilon: 0, take1: 0, keep2: 0, take2: 0)
        case .adagrad(let rate, let epsilon):
            update = plumb_update(
                method: plumb_adagrad, rate: rate, weight_decay: weightDecay, epsilon: epsilon, take1: 0, keep2: 0,
                take2: 0)
        case .adam(let rate, let epsilon, let take1, let keep2, let take2):
            update = plumb_update(
                method: plumb_adam, rate: rate, weight_decay: weightDecay, epsilon: epsilon, take1: take1, keep2: keep2,
                take2: take2)
        }
    }

    /// Moves `p` [count] down `g` [count]; `state` [count], and another [count] `stateStride` further for Adam; nil for SGD.
    /// Nothing overlaps.
    func apply(
        _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ state: UnsafeMutablePointer<Float>?,
        stateStride: Int, count: Int
    ) {
        withUnsafePointer(to: g) { apply(p, sumOf: $0, shards: 1, state, stateStride: stateStride, count: count) }
    }

    /// Moves the rows `ids` of a table [rows, width] down `gradients` [ids, width]; no id comes twice. `state` holds a row's
    /// numbers together.
    func apply(
        rows ids: UnsafeBufferPointer<UInt32>, of table: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
        _ state: UnsafeMutablePointer<Float>?, width: Int
    ) {
        guard let first = ids.baseAddress else { return }
        withUnsafePointer(to: update) { update in
            Kernels.best.pointee.update_rows(update, table, state, first, gradients, ids.count, width)
        }
    }

    /// The same down the sum of the gradients [count] of `shards`, at least one, added in their order.
    func apply(
        _ p: UnsafeMutablePointer<Float>, sumOf gradients: UnsafePointer<UnsafePointer<Float>>, shards: Int,
        _ state: UnsafeMutablePointer<Float>?, stateStride: Int, count: Int
    ) {
        withUnsafePointer(to: update) { update in
            Kernels.best.pointee.update(update, p, state, state.map { $0 + stateStride }, gradients, shards, count)
        }
    }
}
