import ArrowStream
import ByteStreams
import Foundation
import Samples

/// A scripted stream: some batches, then its end or a failure.
struct StreamSource<Element: StreamBatch>: AsyncSequence, Sendable {
    typealias Failure = StageError

    let batches: [Element]
    var failure: StageError?

    func makeAsyncIterator() -> Iterator { Iterator(batches: batches[...], failure: failure) }

    struct Iterator: AsyncIteratorProtocol {
        var batches: ArraySlice<Element>
        var failure: StageError?

        mutating func next(isolation actor: isolated (any Actor)?) async throws(StageError) -> Element? {
            if let batch = batches.popFirst() { return batch }
            if let failure = failure.take() { throw failure }
            return nil
        }
    }
}

/// A folder of its own, removed when released.
final class ScratchFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "ArrowStreamTests-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: url.path).sorted()) ?? [] }

    func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: url.appending(path: name))) }

    func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: url.appending(path: name)) }
}
