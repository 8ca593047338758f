/// The elementwise parts of a hidden layer. Matrices are [rows, width], row-major; arguments do not overlap.
enum ActivationKernels {
    /// y = max(0, y + bias); bias [width]. NaN stays NaN, so that a diverging run is seen.
    static func addBiasAndRectify(
        _ y: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, rows: Int, width: Int
    ) {
        for row in 0..<rows {
            let y = y + row * width
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let value = y.load(index, lanes) + bias.load(index, lanes)
                y.store(value.replacing(with: 0, where: value .< 0), at: index, lanes)
            }
        }
    }

    /// dy = 0 where the activation is 0; biasGradient [width] += the sum of dy's rows.
    static func maskAndAddBiasGradient(
        _ dy: UnsafeMutablePointer<Float>, activations: UnsafePointer<Float>,
        biasGradient: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        for row in 0..<rows {
            let dy = dy + row * width
            let activations = activations + row * width
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let isOff = activations.load(index, lanes) .== 0
                let value = dy.load(index, lanes).replacing(with: 0, where: isOff)
                dy.store(value, at: index, lanes)
                biasGradient.store(biasGradient.load(index, lanes) + value, at: index, lanes)
            }
        }
    }
}
