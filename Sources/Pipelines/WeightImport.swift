import ByteStreams
public import CTRModels
import LocalStages
import LogIngest
import ModelExchange
import Samples

/// A model made of another library's weights: `plumb import`. `docs/exchange.md` explains the map.
public struct WeightImport: Sendable {
    private let map: WeightMap
    private let name: String

    /// The most bytes that a map may have.
    private static let mapLimit = 1 << 20

    /// Reads the map. Throws all that is wrong with it, each with its place.
    public init(map path: String) async throws(PipelineError) {
        let bytes: [UInt8]
        do throws(StageError) {
            bytes = try await FileContents.read(path, limit: Self.mapLimit)
        } catch {
            throw PipelineError([error])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PipelineError([StageError(.usage, "not UTF-8 text", at: SourcePosition(file: path))])
        }
        try self.init(text: text, file: path)
    }

    /// Reads a map's text as if it stood in `file`. Files of keys are named relative to its folder.
    public init(text: String, file: String) throws(PipelineError) {
        map = try WeightMap(yaml: text, file: file)
        name = file
    }

    /// The model that the map makes of a state dict.
    ///
    /// - Parameters:
    ///   - architecture: valid.
    ///   - path: the state dict, a safetensors file or a pipe.
    ///   - vocabulary: ingest's vocabulary, for maps that name files of keys.
    /// - Throws: `environment` where a file cannot be read, `data` where map, tensors and architecture do not fit together,
    ///   all of that at once, or a number is not finite.
    public func model(
        _ architecture: Architecture, from path: String, vocabulary: String? = nil
    ) async throws(PipelineError) -> CTRModel {
        let outcome: Result<CTRModel, PipelineError>
        do throws(StageError) {
            let piped = try await piped(path)
            let thread = BlockingThread()
            let cancellation = thread.cancellation
            outcome = try await thread.run { [self] () throws(StageError) in
                let file: SafetensorsReader<StageError>
                if let piped {
                    file = try SafetensorsReader(bytes: piped, name: path)
                } else if let seekable = try SeekableFile(path: path, cancellation: cancellation) {
                    file = try SafetensorsReader(seekable)
                } else {
                    throw StageError(.environment, "became a pipe", at: SourcePosition(file: path))
                }
                let faults = map.faults(for: architecture, from: file.tensors)
                guard faults.isEmpty else {
                    return .failure(PipelineError(faults.map { wrap($0) }))
                }
                let keys = KeyOrder(folder: folder, vocabulary: vocabulary, cancellation: cancellation)
                return .success(
                    try map.model(
                        architecture, from: file, refuse: { wrap($0) },
                        order: { file, feature, rows throws(StageError) in
                            try keys.order(file: file, feature: feature, rows: rows)
                        }))
            }
        } catch {
            throw PipelineError([error])
        }
        return try outcome.get()
    }

    /// All bytes of a pipe, which has no places to read from; nil for a file.
    private func piped(_ path: String) async throws(StageError) -> [UInt8]? {
        let thread = BlockingThread()
        let isFile = try await thread.run { () throws(StageError) in try SeekableFile(path: path) != nil }
        return isFile ? nil : try await FileContents.read(path, limit: SafetensorsReader<StageError>.pipeLimit)
    }

    private var folder: String { name.lastIndex(of: "/").map { String(name[...$0]) } ?? "" }

    private func wrap(_ error: ExchangeError) -> StageError {
        StageError(
            .data, error.message,
            at: SourcePosition(file: name, line: error.place?.line, column: error.place?.column))
    }
}

/// Files of keys beside a vocabulary.
private struct KeyOrder {
    private static let fileLimit = 1 << 30

    let folder: String
    let vocabulary: String?
    let cancellation: Cancellation

    /// For each id of a feature's table the line, from 0, on which the file has its key.
    func order(file: String, feature: String, rows: Int) throws(StageError) -> [Int?] {
        guard let vocabulary else {
            throw StageError(
                .usage, "the map orders rows by keys, whose ids only a vocabulary knows",
                advice: "name ingest's with --vocabulary")
        }
        let path = file.hasPrefix("/") ? file : folder + file
        guard let lines = try SeekableFile(path: path, cancellation: cancellation) else {
            throw StageError(.environment, "is a pipe or a device, not a file", at: SourcePosition(file: path))
        }
        guard lines.size <= Self.fileLimit else {
            throw StageError(.data, "has more than \(Self.fileLimit) bytes", at: SourcePosition(file: path))
        }
        var keyLines = try lines.bytes(at: 0, count: lines.size).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if keyLines.last?.isEmpty == true { keyLines.removeLast() }
        var rowOfKey: [ArraySlice<UInt8>: Int] = [:]
        for (row, line) in keyLines.enumerated() {
            guard rowOfKey.updateValue(row, forKey: line) == nil else {
                throw StageError(
                    .data, "a key stands twice", at: SourcePosition(file: path, line: row + 1))
            }
        }
        guard
            let keys = try Vocabulary.read(vocabulary, cancellation: cancellation).first(where: {
                $0.feature == feature
            })
        else {
            throw StageError(.data, "has no feature `\(feature)`", at: SourcePosition(file: vocabulary))
        }
        guard keys.count < rows else {
            throw StageError(
                .data, "has ids up to \(keys.count) of `\(feature)`, and the model's table has \(rows) rows",
                at: SourcePosition(file: vocabulary))
        }
        var order = [Int?](repeating: nil, count: rows)
        for id in 1..<keys.count + 1 { order[id] = rowOfKey[keys.keys.utf8(id - 1)] }
        return order
    }
}
