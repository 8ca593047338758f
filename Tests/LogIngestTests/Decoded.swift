import ByteStreams
import Samples

@testable import LogIngest

/// What reading a source's bytes gave.
enum Decoded: Equatable {
    /// The text of all its streams, one after another.
    case text([UInt8])
    /// The text before the error, and the error.
    case failure([UInt8], StageError)

    /// Reads the file at `path` to its end, in pieces of `pieceBytes`.
    init(
        _ path: String, entry: String? = nil, limits: IngestSettings.Limits = .init(), pieceBytes: Int = 1 << 16,
        cancellation: Cancellation = Cancellation()
    ) {
        let source = SourceBytes(
            .init(name: "log", paths: [path], entry: entry), limits: limits, cancellation: cancellation,
            report: IngestReport())
        var text: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { buffer.deallocate() }
        do throws(StageError) {
            while try source.nextStream() != nil {
                while true {
                    let count = try source.read(into: buffer)
                    if count == 0 { break }
                    text.append(contentsOf: buffer[..<count])
                }
            }
            self = .text(text)
        } catch {
            self = .failure(text, error)
        }
    }

    var failure: StageError? {
        if case .failure(_, let error) = self { error } else { nil }
    }
}
