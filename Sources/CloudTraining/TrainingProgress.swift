import Synchronization

/// How far training is, for whoever shows it while it goes on.
public final class TrainingProgress: Sendable {
    /// A moment of training.
    public struct Moment: Sendable, Hashable {
        /// The pass under way, counted from 1; 0 while samples are read.
        public var epoch = 0
        /// Samples of the pass that were learned from.
        public var samples = 0
        /// Samples of a whole pass.
        public var samplesPerEpoch = 0
        /// Mean loss over the pass so far; nil before the first step.
        public var loss: Double?
        /// Samples a second over the pass so far; nil before the first step.
        public var rate: Double?
    }

    private struct State {
        var moment = Moment()
        var lossSum = 0.0
        var began = ContinuousClock.now
    }

    private let state = Mutex(State())

    /// Of a training that has not begun.
    public init() {}

    /// Now.
    public var moment: Moment {
        state.withLock { state in
            var moment = state.moment
            if moment.samples > 0 {
                moment.loss = state.lossSum / Double(moment.samples)
                moment.rate = Double(moment.samples) / max(1e-9, (ContinuousClock.now - state.began) / .seconds(1))
            }
            return moment
        }
    }

    func begin(epoch: Int, samples: Int) {
        state.withLock { state in
            state = State()
            state.moment.epoch = epoch
            state.moment.samplesPerEpoch = samples
        }
    }

    func add(samples: Int, lossSum: Double) {
        state.withLock { state in
            state.moment.samples += samples
            state.lossSum += lossSum
        }
    }
}
