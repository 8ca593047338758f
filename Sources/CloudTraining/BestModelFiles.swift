import ByteStreams
import CTRModels
import Samples
import Synchronization

/// Where the weights of the best pass lie until they are published: on disk, never a second time in memory. In the
/// checkpoint, or where there is none in a scratch file.
final class BestModelFiles: Sendable {
    private enum Place: Sendable {
        case checkpoint(CheckpointFolder)
        case scratch(ScratchFile)
    }

    private let place: Place
    private let record: Mutex<CheckpointRecord?>
    private static let pieceBytes = 256 << 10

    /// In a checkpoint, which may stand there already.
    init(_ folder: CheckpointFolder, record: CheckpointRecord?) {
        place = .checkpoint(folder)
        self.record = Mutex(record)
    }

    /// In a scratch file.
    init(_ scratch: ScratchFile) {
        place = .scratch(scratch)
        record = Mutex(nil)
    }

    /// Keeps what stands after a pass: the weights, if they are the best, and where training stands, if there is a
    /// checkpoint.
    func save(
        _ trainer: ShardedTrainer, origin: TrainingOrigin, epochs: [TrainingEpoch], isBest: Bool,
        metadata: [String: String], cancellation: Cancellation
    ) throws(StageError) {
        switch place {
        case .checkpoint(let folder):
            let best = isBest ? nil : record.withLock { $0?.best }
            let saved = try folder.save(
                trainer, origin: origin, epochs: epochs, best: best, metadata: metadata, cancellation: cancellation)
            record.withLock { $0 = saved }
        case .scratch(let file):
            guard isBest else { return }
            try file.clear()
            try trainer.model.writeSafetensors(metadata: metadata) { bytes throws(StageError) in
                if cancellation.isCancelled { throw .cancelled }
                try file.append(bytes[...])
            }
        }
    }

    /// Hands on the best model's file, piece by piece. There was a pass.
    func forEachPiece(
        cancellation: Cancellation, _ body: (_ bytes: [UInt8]) throws(StageError) -> Void
    ) throws(StageError) {
        switch place {
        case .checkpoint(let folder):
            guard let best = record.withLock({ $0?.best }),
                let file = try SeekableFile(path: folder.place(of: best.name), cancellation: cancellation)
            else { preconditionFailure("a model before the first pass") }
            for start in stride(from: 0, to: best.bytes, by: Self.pieceBytes) {
                let bytes = try file.bytes(at: start, count: min(Self.pieceBytes, best.bytes - start))
                guard !bytes.isEmpty else {
                    throw StageError(
                        .environment, "was changed while it was in use", at: SourcePosition(file: file.name))
                }
                try body(bytes)
            }
        case .scratch(let file):
            for start in stride(from: 0, to: file.size, by: Self.pieceBytes) {
                var bytes = [UInt8](repeating: 0, count: min(Self.pieceBytes, file.size - start))
                try file.read(into: &bytes, 0..<bytes.count, at: start)
                if cancellation.isCancelled { throw .cancelled }
                try body(bytes)
            }
        }
    }

    /// Takes the checkpoint away, if there is one.
    func removeCheckpoint() throws(StageError) {
        if case .checkpoint(let folder) = place { try folder.remove() }
    }
}
