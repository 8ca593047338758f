/// Loops over vectors of floats, eight at a time. Pointers hold at least `count` floats and need no alignment; a
/// written vector overlaps no other argument.
enum VectorKernels {
    /// y += scale · x.
    @inline(__always)
    static func add(
        _ x: UnsafePointer<Float>, scaledBy scale: Float, to y: UnsafeMutablePointer<Float>, count: Int
    ) {
        for index in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - index)
            y.store(y.load(index, lanes) + x.load(index, lanes) * scale, at: index, lanes)
        }
    }

    /// y += scale · (x − origin); 0 where the two are the same.
    static func add(
        _ x: UnsafePointer<Float>, less origin: UnsafePointer<Float>, scaledBy scale: Float,
        to y: UnsafeMutablePointer<Float>, count: Int
    ) {
        for index in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - index)
            let difference = x.load(index, lanes) - origin.load(index, lanes)
            y.store(y.load(index, lanes) + difference * scale, at: index, lanes)
        }
    }

    /// y = scale · x.
    @inline(__always)
    static func set(
        _ y: UnsafeMutablePointer<Float>, to x: UnsafePointer<Float>, scaledBy scale: Float, count: Int
    ) {
        for index in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - index)
            y.store(x.load(index, lanes) * scale, at: index, lanes)
        }
    }

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

    /// Zeros in place.
    static func zero(_ values: inout [Float]) {
        values.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    /// `count` zeros; allocates only to grow.
    static func zero(_ values: inout [Float], count: Int) {
        if values.count > count { values.removeLast(values.count - count) }
        zero(&values)
        if values.count < count { values.append(contentsOf: repeatElement(0, count: count - values.count)) }
    }
}

// Eight floats from `index` on, or the `lanes` < 8 that are left at a vector's end: the other lanes are zeros, and are
// not written. So a kernel says its arithmetic once, and the test on `lanes` is a branch that is predicted.
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
