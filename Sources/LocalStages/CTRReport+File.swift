import ByteStreams
public import Samples

extension CTRReport {
    /// The most bytes that a `ctr.json` may have.
    private static let fileLimit = 1 << 20

    /// Reads a `ctr.json`; `-` is standard input.
    public init(path: String) async throws(StageError) {
        try self.init(json: try await FileContents.read(path, limit: Self.fileLimit), name: path)
    }
}
