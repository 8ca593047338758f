/// y = s where s > 0, a · s elsewhere, with one a a unit (torch.nn.PReLU(width)). Matrices are [rows, width], row-major;
/// arguments do not overlap.
enum PReLUKernels {
    /// Fills y from s; slopes [width] are the a.
    static func forward(
        _ s: UnsafePointer<Float>, slopes: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        for row in 0..<rows {
            let (s, y) = (s + row * width, y + row * width)
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let value = s.load(index, lanes)
                y.store(
                    value.replacing(with: value * slopes.load(index, lanes), where: value .<= 0), at: index, lanes)
            }
        }
    }

    /// dy, the gradient by y, becomes that by s; slopeGradients [width] += that by the slopes.
    static func backward(
        _ dy: UnsafeMutablePointer<Float>, s: UnsafePointer<Float>, slopes: UnsafePointer<Float>,
        slopeGradients: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        for row in 0..<rows {
            let (dy, s) = (dy + row * width, s + row * width)
            for index in stride(from: 0, to: width, by: 8) {
                let lanes = min(8, width - index)
                let (value, slope) = (s.load(index, lanes), dy.load(index, lanes))
                let isBelow = value .<= 0
                let sum = slopeGradients.load(index, lanes)
                slopeGradients.store(sum.replacing(with: sum + slope * value, where: isBelow), at: index, lanes)
                dy.store(
                    slope.replacing(with: slope * slopes.load(index, lanes), where: isBelow), at: index, lanes)
            }
        }
    }
}
