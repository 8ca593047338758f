/// σ and tanh in place, through e^−|x| in double, so that nothing overflows.
enum SigmoidKernels {
    /// values [count] become σ of themselves.
    static func sigmoid(_ values: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count {
            let value = Double(values[index])
            let decay = CMath.exponential(-abs(value))
            values[index] = Float((value < 0 ? decay : 1) / (1 + decay))
        }
    }

    /// values [count] become tanh of themselves.
    static func tanh(_ values: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count {
            let value = Double(values[index])
            let decay = CMath.exponential(-2 * abs(value))
            let size = (1 - decay) / (1 + decay)
            values[index] = Float(value < 0 ? -size : size)
        }
    }

    /// values [count], at least one, become e^value over the sum of all of them.
    static func softmax(_ values: UnsafeMutablePointer<Float>, count: Int) {
        var largest = values[0]
        for index in 1..<max(1, count) { largest = max(largest, values[index]) }
        var sum = 0.0
        for index in 0..<count {
            let value = CMath.exponential(Double(values[index] - largest))
            values[index] = Float(value)
            sum += value
        }
        let scale = Float(1 / sum)
        for index in 0..<count { values[index] *= scale }
    }
}
