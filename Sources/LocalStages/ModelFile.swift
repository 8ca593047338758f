public import ByteStreams
public import CTRModels
public import Samples

/// A model as its safetensors file holds it, and which file that was.
public struct ModelFile: Sendable {
    /// The file that errors about it start with.
    public let name: String
    /// The model.
    public let model: CTRModel
    /// The file's text metadata: the architecture, and what whoever wrote it adds.
    public let metadata: [String: String]
    /// The file's size.
    public let byteCount: Int
    /// The SHA-256 of the file's bytes, in hexadecimal.
    public let fingerprint: String

    /// Reads a file or a pipe, a file with little memory beside the model. Throws `environment` if that cannot be read,
    /// `data` if it does not hold a model.
    public init(path: String) async throws(StageError) {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        if let file = try await thread.run({ () throws(StageError) in
            try SeekableFile(path: path, cancellation: cancellation)
        }) {
            self = try await thread.run { () throws(StageError) in
                try ModelFile(
                    SafetensorsReader(file), name: path, byteCount: file.size, fingerprint: try Fingerprint.of(file))
            }
        } else {
            try self.init(
                bytes: try await FileContents.read(path, limit: SafetensorsReader<StageError>.pipeLimit), name: path)
        }
    }

    /// Reads the bytes of a file that errors call `name`.
    public init(bytes: [UInt8], name: String) throws(StageError) {
        try self.init(
            SafetensorsReader(bytes: bytes, name: name), name: name, byteCount: bytes.count,
            fingerprint: Fingerprint.of(bytes))
    }

    private init(
        _ file: SafetensorsReader<StageError>, name: String, byteCount: Int,
        fingerprint: @autoclosure () throws(StageError) -> String
    ) throws(StageError) {
        self.name = name
        model = try CTRModel(safetensors: file)
        metadata = file.metadata
        self.byteCount = byteCount
        self.fingerprint = try fingerprint()
    }
}

extension SafetensorsReader<StageError> {
    /// The most bytes that are taken from a pipe, which is read into memory.
    public static var pipeLimit: Int { 16 << 30 }

    /// Reads an open file piece by piece. Blocks.
    public init(_ file: SeekableFile) throws(StageError) {
        try self.init(
            byteCount: file.size, refuse: { [name = file.name] in StageError($0, file: name) },
            read: { offset, count throws(StageError) in try file.bytes(at: offset, count: count) })
    }

    /// Reads bytes in memory, which errors call `name`.
    public init(bytes: [UInt8], name: String) throws(StageError) {
        try self.init(
            byteCount: bytes.count, refuse: { StageError($0, file: name) },
            read: { offset, count throws(StageError) in Array(bytes[offset..<offset + count]) })
    }
}

extension ByteSink {
    /// Writes a model's safetensors file piece by piece.
    public func write(_ model: CTRModel, metadata: [String: String] = [:]) async throws(StageError) {
        try await write { write throws(StageError) in try model.writeSafetensors(metadata: metadata, to: write) }
    }
}
