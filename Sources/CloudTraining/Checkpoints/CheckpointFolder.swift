import ByteStreams
import CTRModels
import Crypto
import LocalStages
import OrderedJSON
import Samples

/// `NAME.checkpoint/` beside the model to be: where a training stands after its last whole pass.
///
///     checkpoint.json                what training it is, its passes, and what the other files must be
///     epoch-5.safetensors            the weights after the last pass, a model file as it would be published
///     epoch-5.optimizer.safetensors  the optimiser's state then: `mlp.0.weight.exp_avg`, …
///     epoch-3.safetensors            the weights of the best pass, if that was another
///
/// Files appear whole or not at all, `checkpoint.json` after those that it names and before older ones go: whenever the
/// process is killed or the machine crashes, a whole checkpoint stands there, or none. One that is of no use to a
/// training stays until that training's first pass is written down; where it has a name that the new one needs, the new
/// file is `epoch-1-2.safetensors`. One process at a time: whoever trains holds the lock of the model's own partial
/// file. Calls block.
struct CheckpointFolder: Sendable {
    /// What was found.
    enum Found {
        /// There is none.
        case nothing
        /// There is one that is of no use, and why.
        case useless(String)
        case checkpoint(CheckpointRecord, TrainerInUse)
    }

    /// The folder's path.
    let path: String

    /// The folder of the model at `output`.
    init(of output: String) {
        path = output + ".checkpoint"
    }

    /// The path of one of the files.
    func place(of name: String) -> String { "\(path)/\(name)" }

    // MARK: Reading

    /// Looks for a checkpoint of this origin, whose passes are of `stepsPerPass` steps. A damaged one is of no use.
    /// Throws `environment` if the machine refuses to say what stands there, and `cancelled`.
    func load(
        _ origin: TrainingOrigin, optimizer method: Optimizer.Method, weightDecay: Double, stepsPerPass: Int,
        cancellation: Cancellation
    ) throws(StageError) -> Found {
        do throws(StageError) {
            guard try FileTree.stands(at: place(of: CheckpointRecord.name)),
                let file = try SeekableFile(path: place(of: CheckpointRecord.name), cancellation: cancellation)
            else { return .nothing }
            guard file.size <= Self.mostRecordBytes else { return .useless(Self.damage(CheckpointRecord.name)) }
            let bytes = try file.bytes(at: 0, count: file.size)
            let record: CheckpointRecord
            do throws(JSONError) {
                record = try CheckpointRecord(bytes)
            } catch {
                return .useless(Self.damage(CheckpointRecord.name, error.message))
            }
            if let difference = record.origin.difference(to: origin) { return .useless(difference) }
            // Before the optimiser counts up to it.
            let (steps, overflow) = record.epochs.count.multipliedReportingOverflow(by: stepsPerPass)
            guard !overflow, record.steps == steps else {
                return .useless(Self.damage(CheckpointRecord.name, "its passes have \(steps) steps"))
            }
            for file in [record.last, record.optimizer, record.best] {
                guard try isWhole(file, cancellation) else { return .useless(Self.damage(file.name)) }
            }
            let model = try CTRModel(safetensors: reader(of: record.last, cancellation))
            let optimizer = try optimizer(
                method, weightDecay: weightDecay, for: model, record, reader(of: record.optimizer, cancellation))
            return .checkpoint(record, TrainerInUse(model, optimizer))
        } catch {
            // Only content can be wrong for good: what the machine refuses now it may give later.
            guard [.data, .refused].contains(error.code) else { throw error }
            return .useless("it cannot be read: \(error.message)")
        }
    }

    private static let mostRecordBytes = 64 << 20

    private static func damage(_ name: String, _ detail: String? = nil) -> String {
        "\(name) is damaged" + (detail.map { " (\($0))" } ?? "")
    }

    private func isWhole(_ file: CheckpointRecord.File, _ cancellation: Cancellation) throws(StageError) -> Bool {
        guard !file.name.contains("/"), try FileTree.stands(at: place(of: file.name)),
            let found = try SeekableFile(path: place(of: file.name), cancellation: cancellation),
            found.size == file.bytes
        else { return false }
        return try Fingerprint.of(found) == file.sha256
    }

    private func reader(
        of file: CheckpointRecord.File, _ cancellation: Cancellation
    ) throws(StageError) -> SafetensorsReader<StageError> {
        guard let found = try SeekableFile(path: place(of: file.name), cancellation: cancellation) else {
            throw StageError(.data, "is no file", at: SourcePosition(file: place(of: file.name)))
        }
        return try SafetensorsReader(found)
    }

    private func optimizer(
        _ method: Optimizer.Method, weightDecay: Double, for model: CTRModel, _ record: CheckpointRecord,
        _ file: SafetensorsReader<StageError>
    ) throws(StageError) -> Optimizer {
        guard file.metadata[Optimizer.stepsKey] == "\(record.steps)" else {
            throw file.refuse(ModelError(.file, "it is of other steps than \(CheckpointRecord.name)"))
        }
        var optimizer = Optimizer(method, weightDecay: weightDecay, for: model)
        optimizer.setSteps(record.steps)
        for tensor in optimizer.stateTensors(for: model) {
            guard let stored = file.tensor(tensor.name), stored.shape == tensor.shape else {
                throw file.refuse(ModelError(.tensor, "tensor '\(tensor.name)' is missing or of another shape"))
            }
            let rowsAtOnce = max(1, 32768 / tensor.rowWidth)
            for row in stride(from: 0, to: tensor.rows, by: rowsAtOnce) {
                let end = min(row + rowsAtOnce, tensor.rows)
                let values = try file.floats(of: stored, elements: row * tensor.rowWidth..<end * tensor.rowWidth)
                optimizer.setState(tensor, row: row, to: values[...])
            }
        }
        return optimizer
    }

    // MARK: Writing

    /// Makes the folder.
    func prepare() throws(StageError) {
        try FileTree.makeFolder(path)
        try FileTree.syncName(of: path)
    }

    /// Makes the folder, and in it removes what the checkpoint does not have: what a killed training left half-made.
    func prepare(keeping record: CheckpointRecord) throws(StageError) {
        try prepare()
        try sweep(keeping: record.names)
    }

    private func sweep(keeping names: Set<String>) throws(StageError) {
        // The record first: without it nothing here is a checkpoint.
        if !names.contains(CheckpointRecord.name) { try FileTree.removeFile(place(of: CheckpointRecord.name)) }
        for name in try FileTree.names(in: path) where !names.contains(name) && Self.isOwn(name) {
            try FileTree.removeFile(place(of: name))
        }
    }

    /// Whether a checkpoint may hold a file of this name, or its half.
    private static func isOwn(_ name: String) -> Bool {
        var whole = name[...]
        if name.hasPrefix("."), name.hasSuffix(".partial") { whole = name.dropFirst().dropLast(".partial".count) }
        return whole == CheckpointRecord.name || whole.hasPrefix("epoch-") && whole.hasSuffix(".safetensors")
    }

    /// Writes down where a training stands after its last pass; `best` is the file of the best pass before, which is
    /// nil if the last was the best. What it replaces, of whatever training, goes only then.
    func save(
        _ trainer: ShardedTrainer, origin: TrainingOrigin, epochs: [TrainingEpoch], best: CheckpointRecord.File?,
        metadata: [String: String], cancellation: Cancellation
    ) throws(StageError) -> CheckpointRecord {
        let names = try freeNames(pass: epochs.count)
        let last = try write(names.weights, cancellation) { write throws(StageError) in
            try trainer.model.writeSafetensors(metadata: metadata, to: write)
        }
        let state = try write(names.optimizer, cancellation) { write throws(StageError) in
            try trainer.optimizer.writeState(for: trainer.model, to: write)
        }
        let record = CheckpointRecord(
            origin: origin, epochs: epochs, steps: trainer.optimizer.steps, last: last, optimizer: state,
            best: best ?? last)
        _ = try write(CheckpointRecord.name, cancellation) { write throws(StageError) in try write(record.json) }
        try sweep(keeping: record.names)
        return record
    }

    /// Names for a pass's files that no file has yet.
    private func freeNames(pass: Int) throws(StageError) -> (weights: String, optimizer: String) {
        let taken = Set(try FileTree.names(in: path))
        var stem = "epoch-\(pass)"
        var number = 1
        while true {
            let names = (weights: "\(stem).safetensors", optimizer: "\(stem).optimizer.safetensors")
            if taken.isDisjoint(with: [names.weights, names.optimizer]) { return names }
            number += 1
            stem = "epoch-\(pass)-\(number)"
        }
    }

    private func write(
        _ name: String, _ cancellation: Cancellation,
        _ body: ((_ bytes: [UInt8]) throws(StageError) -> Void) throws(StageError) -> Void
    ) throws(StageError) -> CheckpointRecord.File {
        let file = try OutputFile(path: place(of: name), durability: .any, cancellation: cancellation)
        var hash = SHA256()
        try body { bytes throws(StageError) in
            hash.update(data: bytes)
            try file.write(bytes, cancellation: cancellation)
        }
        try file.publish()
        return CheckpointRecord.File(name: name, bytes: file.bytesWritten, sha256: hash.finalize().hexadecimal)
    }

    /// Takes the checkpoint away.
    func remove() throws(StageError) {
        guard FileTree.exists(path) else { return }
        try sweep(keeping: [])
        FileTree.removeFolderIfEmpty(path)
    }
}

extension Optimizer {
    fileprivate static let stepsKey = "plumb.steps"

    /// Writes the state as a safetensors file, piece by piece.
    fileprivate func writeState(
        for model: CTRModel, to write: (_ bytes: [UInt8]) throws(StageError) -> Void
    ) throws(StageError) {
        try withoutActuallyEscaping(write) { write throws(StageError) in
            let tensors = stateTensors(for: model)
            var writer = try SafetensorsWriter(
                metadata: [Self.stepsKey: "\(steps)"], tensors: tensors.map { .init($0.name, shape: $0.shape) },
                write: write)
            for tensor in tensors {
                for row in 0..<tensor.rows { try writer.append(state(tensor, row: row)) }
            }
            try writer.finish()
        }
    }
}
