#if ISAL
import CISAL

/// Inflates gzip members one after another by Intel's ISA-L; checks each header, checksum (CRC-32) and length.
final class ISALInflate {
    /// On the heap: it is 87 KiB, and ISA-L writes into it.
    private let state: UnsafeMutablePointer<inflate_state>
    /// Of the current member. Kept between calls: where ISA-L reads headers within `isal_inflate`, it forgets what it saw of
    /// one that goes on in the next block of input (2.30).
    private let header: UnsafeMutablePointer<isal_gzip_header>
    private var isInHeader = true

    init() {
        state = .allocate(capacity: 1)
        header = .allocate(capacity: 1)
        // ISA-L's own init leaves its tables as they are; damaged input must not make it read memory never written.
        UnsafeMutableRawPointer(state).initializeMemory(
            as: UInt8.self, repeating: 0, count: MemoryLayout<inflate_state>.size)
        isal_inflate_init(state)
        beginMember()
    }

    deinit {
        state.deallocate()
        header.deallocate()
    }

    /// Makes ready for the next member.
    func reset() {
        isal_inflate_reset(state)
        beginMember()
    }

    private func beginMember() {
        state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
        // No buffers for name and comment: they are gone over.
        header.initialize(to: isal_gzip_header())
        isal_gzip_header_init(header)
        isInHeader = true
    }

    /// Inflates some of `input` into `output`. Empty input flushes what ISA-L still holds.
    func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> InflateStep {
        let offered = UInt32(clamping: input.count)
        let room = UInt32(clamping: output.count)
        // Both pointers are used only within the call, for `offered` and `room` bytes; the input is only read.
        state.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(
            to: UInt8.self)
        state.pointee.avail_in = offered
        state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_out = room
        let outcome = run()
        let produced = Int(room - min(room, state.pointee.avail_out))
        // Where ISA-L finds damage it has sometimes counted more input than there was, though it read no more.
        if case .damage = outcome { return InflateStep(consumed: Int(offered), produced: produced, outcome: outcome) }
        return InflateStep(
            consumed: Int(offered - min(offered, state.pointee.avail_in)), produced: produced, outcome: outcome)
    }

    /// Goes on with the header, and then the data, as far as input and room reach.
    private func run() -> InflateStep.Outcome {
        if isInHeader {
            let status = isal_read_gzip_header(state, header)
            if status < 0 { return .damage("no valid header") }
            if status == ISAL_END_INPUT { return .goesOn }
            isInHeader = false
        }
        switch isal_inflate(state) {
        case ISAL_INCORRECT_CHECKSUM: return .damage("wrong checksum or length")
        case ..<0: return .damage("no valid deflate data")
        default: return state.pointee.block_state == ISAL_BLOCK_FINISH ? .memberEnd : .goesOn
        }
    }
}
#endif
