extension Sequence<UInt8> {
    /// The bytes in hexadecimal: two lower-case digits each, nothing between them.
    public var hexadecimal: String {
        map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
