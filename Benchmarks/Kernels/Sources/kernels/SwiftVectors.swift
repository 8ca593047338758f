/// What the candidates in plain Swift are made of.
enum VectorKernels {
    /// Σ x·y, in eight partial sums.
    @inline(__always)
    static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Float {
        var sums = SIMD8<Float>()
        for index in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - index)
            sums += x.load(index, lanes) * y.load(index, lanes)
        }
        return sums.sum()
    }

    /// A step of Adam down the sum of the shards' gradients.
    static func adam(
        _ p: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
        _ gradients: [UnsafePointer<Float>], count: Int
    ) {
        for index in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - index)
            var slope = gradients[0].load(index, lanes)
            for gradient in gradients.dropFirst() { slope += gradient.load(index, lanes) }
            let old = first.load(index, lanes)
            let mean = old + 0.1 * (slope - old)
            let square = 0.999 * second.load(index, lanes) + 0.001 * (slope * slope)
            first.store(mean, at: index, lanes)
            second.store(square, at: index, lanes)
            p.store(p.load(index, lanes) - 0.001 * mean / (square.squareRoot() + 1e-8), at: index, lanes)
        }
    }
}

extension UnsafePointer<Float> {
    @inline(__always) func load(_ index: Int, _ lanes: Int = 8) -> SIMD8<Float> {
        if lanes == 8 { return UnsafeRawPointer(self + index).loadUnaligned(as: SIMD8<Float>.self) }
        var result = SIMD8<Float>()
        for lane in 0..<lanes { result[lane] = self[index + lane] }
        return result
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always) func load(_ index: Int, _ lanes: Int = 8) -> SIMD8<Float> {
        UnsafePointer(self).load(index, lanes)
    }

    @inline(__always) func store(_ value: SIMD8<Float>, at index: Int, _ lanes: Int = 8) {
        if lanes == 8 {
            UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: SIMD8<Float>.self)
        } else {
            for lane in 0..<lanes { self[index + lane] = value[lane] }
        }
    }
}
