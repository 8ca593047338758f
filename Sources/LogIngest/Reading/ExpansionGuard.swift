import Samples

/// Counts what one file unpacks to, and says where that goes beyond the limits.
struct ExpansionGuard {
    private let limits: IngestSettings.Limits
    private var decompressedBytes = 0

    /// Up to here the ratio is not looked at.
    private static let freeBytes = 64 << 20

    init(_ limits: IngestSettings.Limits) {
        self.limits = limits
    }

    /// Counts bytes that were unpacked.
    ///
    /// - Parameter fileBytes: size of the file, or what was taken in of a pipe so far.
    mutating func add(
        _ count: Int, fileBytes: Int, at position: @autoclosure () -> SourcePosition
    ) throws(StageError) {
        // No sum of bytes that passed through memory reaches 2^63.
        decompressedBytes += count
        if decompressedBytes > limits.decompressedBytes {
            throw StageError(
                .refused, "the file unpacks to more than \(limits.decompressedBytes) bytes", at: position(),
                advice: "raise `limits.decompressed_bytes` if it is meant to")
        }
        if decompressedBytes > Self.freeBytes,
            decompressedBytes / max(1, fileBytes) >= limits.expansionRatio
        {
            throw StageError(
                .refused, "the file unpacks to more than \(limits.expansionRatio) times its size", at: position(),
                advice: "raise `limits.expansion_ratio` if it is meant to")
        }
    }
}
