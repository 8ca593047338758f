import CZlib

/// Inflates gzip members one after another by zlib; checks each header, checksum (CRC-32) and length.
final class ZlibInflate {
    /// On the heap, since zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is not enough memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The largest window, 15 bits, and 16 for gzip's header and trailer.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if status != Z_OK { return nil }
    }

    deinit {
        // Harmless where the init failed: zlib then holds nothing.
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Makes ready for the next member.
    func reset() {
        inflateReset(stream)
    }

    /// Inflates some of `input` into `output`.
    func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> InflateStep {
        let offered = UInt32(clamping: input.count)
        let room = UInt32(clamping: output.count)
        // Both pointers are used only within the call, for `offered` and `room` bytes; the input is only read.
        stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?
            .assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = offered
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        let outcome: InflateStep.Outcome =
            switch status {
            case Z_STREAM_END: .memberEnd
            // Z_BUF_ERROR: there was nothing to do.
            case Z_OK, Z_BUF_ERROR: .goesOn
            default: .damage(stream.pointee.msg.map { String(cString: $0) } ?? "no valid deflate data")
            }
        return InflateStep(
            consumed: Int(offered - stream.pointee.avail_in), produced: Int(room - stream.pointee.avail_out),
            outcome: outcome)
    }
}
