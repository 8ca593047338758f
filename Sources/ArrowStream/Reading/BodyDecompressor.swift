import CLZ4
import CZstd

/// Undoes the compression of single buffers: eight bytes of length, then an LZ4 frame or zstd data of that length.
struct BodyDecompressor {
    let codec: RecordBatchHeader.Codec

    /// The buffer `compressed` as it was before. Takes its length from `allowance` before anything is allocated.
    func decompress(_ compressed: BodyBuffer, allowance: inout ExpansionAllowance) throws(FormatFault) -> BodyBuffer {
        if compressed.count == 0 { return compressed }
        guard let length = compressed.numbers(1, as: Int64.self)?.first else {
            throw FormatFault("a compressed buffer is too short for its length")
        }
        let content = compressed.slice.dropFirst(8)
        // -1 marks a buffer that compression would only have made longer.
        if length == -1 { return BodyBuffer(Array(content), 0..<content.count) }
        guard length >= 0, length <= ArrowStreamDecoder.maximumBodyBytes else {
            throw FormatFault("a compressed buffer claims \(length) bytes")
        }
        let count = Int(length)
        try allowance.spend(count)
        var isWhole = false
        // Safe: each library writes at most `count` bytes into the capacity and reports how many it wrote. The array is
        // cut to nothing unless all of them were.
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            isWhole = content.withUnsafeBytes { source in
                switch codec {
                case .lz4Frame: Self.expandLZ4(source, into: UnsafeMutableRawBufferPointer(target))
                case .zstd: Self.expandZstd(source, into: UnsafeMutableRawBufferPointer(target))
                }
            }
            initialized = isWhole ? count : 0
        }
        guard isWhole else { throw FormatFault("a compressed buffer is damaged") }
        return BodyBuffer(bytes, 0..<count)
    }

    private static func expandZstd(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        let count = ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
        return ZSTD_isError(count) == 0 && count == target.count
    }

    private static func expandLZ4(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        // LZ4 cannot do better than 255 to 1: less memory for a lie.
        guard target.count / 255 <= source.count else { return false }
        var context: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0 else { return false }
        defer { LZ4F_freeDecompressionContext(context) }
        var read = 0
        var written = 0
        // The target stays where it is, so the library need not keep a copy of what it wrote.
        var options = LZ4F_decompressOptions_t()
        options.stableDst = 1
        while true {
            var sourceCount = source.count - read
            var targetCount = target.count - written
            let hint = LZ4F_decompress(
                context, target.baseAddress?.advanced(by: written), &targetCount,
                source.baseAddress?.advanced(by: read), &sourceCount, &options)
            if LZ4F_isError(hint) != 0 { return false }
            read += sourceCount
            written += targetCount
            if hint == 0 { return written == target.count }
            // No progress: the frame is cut off or holds more than it should.
            if sourceCount == 0 && targetCount == 0 { return false }
        }
    }
}
