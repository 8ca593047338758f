import Samples

/// The text of a gzip file (RFC 1952): all its members, each checked against its checksum and length.
///
/// A cut-off file, a wrong checksum and anything behind the last member are errors; so are zero bytes there, which gzip(1)
/// skips: what is left of a crash often looks so, and it would hide that members are lost. Cut off exactly between two
/// members, a file is whole by all that can be seen.
final class GzipInflater {
    /// Who inflates.
    enum Library: CaseIterable {
        #if ISAL
        case isal
        #endif
        case zlib

        /// ISA-L where it was built in; it takes half of zlib's time.
        static var fastest: Library {
            #if ISAL
            .isal
            #else
            .zlib
            #endif
        }
    }

    private enum Backend {
        #if ISAL
        case isal(ISALInflate)
        #endif
        case zlib(ZlibInflate)
    }

    private let input: InputBlocks
    private let backend: Backend
    /// What was read of the file and not inflated yet; stands in `input`'s buffer.
    private var block = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isInputAtEnd = false
    private var isInMember = true
    private var isAtEnd = false
    private var bytesMade = 0
    /// Thrown once the bytes before it were handed out.
    private var failure: StageError?

    /// Inflates what `input` gives, which starts with a member. Throws `environment` if there is no memory.
    init(_ input: InputBlocks, library: Library = .fastest) throws(StageError) {
        self.input = input
        switch library {
        #if ISAL
        case .isal: backend = .isal(ISALInflate())
        #endif
        case .zlib:
            guard let zlib = ZlibInflate() else {
                throw StageError(
                    .environment, "not enough memory to inflate", at: SourcePosition(file: input.name))
            }
            backend = .zlib(zlib)
        }
    }

    /// Inflates some bytes into a buffer that is not empty; 0 at the end. Errors say how many bytes were right before them.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StageError) -> Int {
        while failure == nil && !isAtEnd {
            if block.isEmpty && !isInputAtEnd {
                block = try input.next()
                isInputAtEnd = block.isEmpty
            }
            guard isInMember || beginMember() else { break }
            let step = inflate(into: buffer)
            block = UnsafeRawBufferPointer(rebasing: block.dropFirst(step.consumed))
            bytesMade += step.produced
            switch step.outcome {
            case .memberEnd: isInMember = false
            case .damage(let reason): failure = error("the gzip data is damaged (\(reason))")
            case .goesOn where step.consumed == 0 && step.produced == 0:
                failure = error(block.isEmpty ? "the gzip data is cut off" : "the gzip data is damaged")
            case .goesOn: break
            }
            if step.produced > 0 { return step.produced }
        }
        if let failure { throw failure }
        return 0
    }

    /// Whether another member begins; sets `failure` if something else does.
    private func beginMember() -> Bool {
        guard let first = block.first else {
            isAtEnd = true
            return false
        }
        // Whether the second byte is right, too, the library sees, even where it stands in the next block.
        guard first == 0x1F else {
            failure = error("something that is no gzip data follows the last gzip member")
            return false
        }
        switch backend {
        #if ISAL
        case .isal(let isal): isal.reset()
        #endif
        case .zlib(let zlib): zlib.reset()
        }
        isInMember = true
        return true
    }

    private func inflate(into buffer: UnsafeMutableRawBufferPointer) -> InflateStep {
        switch backend {
        #if ISAL
        case .isal(let isal): isal.inflate(block, into: buffer)
        #endif
        case .zlib(let zlib): zlib.inflate(block, into: buffer)
        }
    }

    private func error(_ message: String) -> StageError {
        StageError(.data, message, at: SourcePosition(file: input.name, byteOffset: bytesMade))
    }
}
