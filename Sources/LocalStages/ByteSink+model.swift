public import ByteStreams
public import Samples

extension ByteSink {
    /// A place for a model, which is on the disk before it appears there. Throws `usage` for a terminal.
    public init(model path: String) async throws(StageError) {
        try await self.init(path: path, durability: .any)
        if isTerminal {
            throw StageError(.usage, "a model is not for a terminal", advice: "name a file with -o")
        }
    }
}
