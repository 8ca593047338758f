import ByteStreams
public import Samples

extension CTRReport {
    /// The most bytes that a `ctr.json` may have: room for some five million pairs of counts. No more, as a
    /// hostile file can make its reader take up to fifty times its size in memory.
    public static let fileLimit = 128 << 20

    /// Reads a `ctr.json`; `-` is standard input.
    public init(path: String) async throws(StageError) {
        try self.init(json: try await FileContents.read(path, limit: Self.fileLimit), name: path)
    }
}
