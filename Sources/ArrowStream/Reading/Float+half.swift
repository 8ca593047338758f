extension Float {
    /// The value of an IEEE 754 half. By hand, since `Float16` is missing on some platforms.
    init(halfBits bits: UInt16) {
        let exponent = UInt32(bits >> 10 & 0x1F)
        let fraction = UInt32(bits & 0x3FF)
        let magnitude: Float =
            switch exponent {
            // Zero and subnormals: multiples of 2^-24.
            case 0: Float(fraction) * 0x1p-24
            case 31: Float(bitPattern: 0xFF << 23 | fraction << 13)
            default: Float(bitPattern: (exponent + 127 - 15) << 23 | fraction << 13)
            }
        self = bits >> 15 == 0 ? magnitude : -magnitude
    }
}
