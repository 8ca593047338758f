/// One of the bins of equal frequency that the expected calibration error is made of.
public struct CalibrationBin: Sendable, Hashable {
    /// Rows, 1 or more.
    public let samples: Int
    /// Mean of their predictions, 0...1.
    public let meanPrediction: Double
    /// Mean of their labels, 0...1.
    public let meanLabel: Double
}
