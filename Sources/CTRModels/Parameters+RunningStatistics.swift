extension Parameters {
    /// Share of the running statistics that one step's batch replaces, as torch.nn.BatchNorm1d's.
    private static let momentum = 0.1

    /// Follows what a step's passes saw: mean += 0.1 · (batch's − mean), and the variance likewise, the batch's
    /// unbiased as torch has it. Where a gradient saw nothing, because its passes were frozen or had no positions,
    /// nothing changes.
    mutating func follow(_ observed: [Double]) {
        for statistics in layout.runningStatistics {
            let rows = observed[statistics.observed.lowerBound]
            if rows == 0 { continue }
            let width = statistics.mean.count
            for unit in 0..<width {
                let sum = observed[statistics.observed.lowerBound + 1 + unit]
                let squares = observed[statistics.observed.lowerBound + 1 + width + unit]
                let mean = sum / rows
                let biased = max(0, squares / rows - mean * mean)
                let variance = rows > 1 ? biased * rows / (rows - 1) : biased
                Self.move(&buffers[statistics.mean.lowerBound + unit], to: mean)
                Self.move(&buffers[statistics.variance.lowerBound + unit], to: variance)
            }
        }
    }

    private static func move(_ running: inout Float, to value: Double) {
        running = Float((1 - momentum) * Double(running) + momentum * value)
    }
}

extension Gradient {
    /// Notes the mean and biased variance [width] of some units over one pass of `rows` rows.
    mutating func add(
        _ statistics: ParameterLayout.RunningStatistics, rows: Int, mean: UnsafePointer<Float>,
        variance: UnsafePointer<Float>
    ) {
        let start = statistics.observed.lowerBound
        let width = statistics.mean.count
        observed[start] += Double(rows)
        for unit in 0..<width {
            let mean = Double(mean[unit])
            observed[start + 1 + unit] += Double(rows) * mean
            observed[start + 1 + width + unit] += Double(rows) * (Double(variance[unit]) + mean * mean)
        }
    }
}
