/// How many bytes a message may still grow to in memory beyond those that it brought along.
///
/// Decompression and views let a few bytes stand for many. Each message may come to 64 MiB and 1,024 times its own size,
/// which honest data stays far below, and never to more than `ArrowStreamDecoder.maximumBodyBytes`.
struct ExpansionAllowance {
    private var bytesLeft = 64 << 20

    /// Allows for the arrival of a message of `bodyBytes`.
    mutating func grant(bodyBytes: Int) {
        bytesLeft = min(bytesLeft + 1024 * bodyBytes, ArrowStreamDecoder.maximumBodyBytes)
    }

    /// Takes `count` bytes, or throws if there are not so many left.
    mutating func spend(_ count: Int) throws(FormatFault) {
        guard count <= bytesLeft else {
            throw FormatFault("it stands for at least \(count) bytes, far more than its own size explains")
        }
        bytesLeft -= count
    }
}
