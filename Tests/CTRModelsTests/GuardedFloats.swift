import Testing

/// Floats between two bands that no kernel may write, at an address that no vector is aligned to.
final class GuardedFloats {
    let count: Int
    private var storage: [Float]
    private static let band = 40
    private static let guardBits: UInt32 = 0x7FC5_5A5A

    init(_ values: [Float]) {
        count = values.count
        let band = [Float](repeating: Float(bitPattern: Self.guardBits), count: Self.band + 1)
        storage = band + values + band
    }

    var values: [Float] { Array(storage[(Self.band + 1)..<(Self.band + 1 + count)]) }

    /// Runs `body` on the floats, and checks the bands.
    func callAsFunction(
        _ body: (UnsafeMutablePointer<Float>) -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        storage.withUnsafeMutableBufferPointer { storage in
            guard let base = storage.baseAddress else { return }
            body(base + Self.band + 1)
        }
        let isUntouched = (storage.prefix(Self.band + 1) + storage.suffix(Self.band + 1)).allSatisfy {
            $0.bitPattern == Self.guardBits
        }
        #expect(isUntouched, "written outside", sourceLocation: sourceLocation)
    }
}

/// The same bits, or both NaN.
func areSame(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}
