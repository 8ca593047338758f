import CTRModels

extension CTRModel {
    /// 64-bit FNV-1a (Fowler, Noll and Vo) over the architecture's JSON and then, little-endian, the dense parameters and the
    /// buffers. Cost: about a nanosecond a byte.
    var checksum: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for byte in architecture.json.utf8 { add(byte) }
        for values in [parameters.dense, parameters.buffers] {
            for value in values {
                for shift in stride(from: 0, to: 32, by: 8) {
                    add(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
                }
            }
        }
        return hash
    }
}
