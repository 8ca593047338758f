import ArrowStream
import ByteStreams
import CTRModels
import Evaluation
public import LabelCorrection
import LocalStages
import OrderedJSON
public import Samples
import UserPartition

/// What is in a file or folder that plumb wrote, as text for a person. What it is, is seen from its content.
public struct Inspection: Sendable {
    private let path: String
    private let user: String?
    private let correction: Correction
    private let hasBars: Bool

    /// Rows of a stream that are shown.
    private static let shownRows = 5
    /// The most bytes that a JSON file may have; `ctr.json` is the one that grows.
    private static let jsonLimit = CTRReport.fileLimit

    /// An inspection of `path`; of one user of a store, if one is named, whose labels are then shown corrected so. Tables of arms
    /// can have bars, for a terminal.
    public init(path: String, user: String? = nil, correction: Correction = Correction(), hasBars: Bool = false) {
        self.path = path
        self.user = user
        self.correction = correction
        self.hasBars = hasBars
    }

    /// What an inspection found.
    public struct Finding: Sendable, Hashable {
        /// The text, with a final line break.
        public var text: String
        /// What is to be told beside it; nil for nothing.
        public var note: String?
    }

    /// What is there. Throws `environment` if there is nothing there, `data` if it is nothing of ours.
    public func finding() async throws(StageError) -> Finding {
        if let user, try FileTree.isFolder(path), !RunFolder(path: path).isARun {
            return try await dataset(of: user, in: PartitionStore.open(path))
        }
        return Finding(text: try await text())
    }

    private func text() async throws(StageError) -> String {
        if try FileTree.isFolder(path) {
            let folder = RunFolder(path: path)
            if folder.isWhole { return try await run(folder) }
            if FileTree.exists(folder.stages) { return try await unfinishedRun(folder) }
            return try description(of: try await PartitionStore.open(path))
        }
        guard user == nil else {
            throw StageError(.usage, "only a store has users to look up", at: SourcePosition(file: path))
        }
        let head = try await FileContents.head(of: path, count: 9)
        if head.starts(with: [0xFF, 0xFF, 0xFF, 0xFF]) { return try await stream() }
        if head.count == 9 && head[8] == UInt8(ascii: "{") { return try await model() }
        if head.first == UInt8(ascii: "{") { return try await json() }
        throw StageError(.data, "this is nothing that plumb writes", at: SourcePosition(file: path))
    }

    // MARK: Folders

    private func run(_ folder: RunFolder) async throws(StageError) -> String {
        let ctr = try await CTRReport(path: folder.ctr)
        return try await summaryTable(folder.summary, drift: ctr.driftRows)
    }

    private func unfinishedRun(_ folder: RunFolder) async throws(StageError) -> String {
        "run folder without \(RunFolder.summaryName): not finished; these stages are\n"
            + (try await record(folder.stages))
    }

    private func description(of store: PartitionStore) throws(StageError) -> String {
        let manifest = store.manifest
        var lines = [
            "partition store, format \(PartitionManifest.formatVersion)",
            "users        \(manifest.users)",
            "samples      \(manifest.samples.total): \(manifest.samples.train) train, "
                + "\(manifest.samples.validation) validation, \(manifest.samples.test) test",
            "users without train \(manifest.usersWithout.train), validation \(manifest.usersWithout.validation), "
                + "test \(manifest.usersWithout.test)",
            "global CTR   \(manifest.measured.positives) of \(manifest.measured.samples) train samples",
            "split        \(manifest.splitText)",
            "user key     \(manifest.schema.userKind.rawValue)"
                + (manifest.pseudonymKey.map { ", pseudonyms by the key \($0)" } ?? ""),
        ]
        lines += manifest.choices
        if manifest.schema.hasGroups { lines.append("groups       samples belong to impression lists") }
        for (index, feature) in manifest.schema.features.enumerated() {
            let role = manifest.schema.item == index ? ", the item" : ""
            let size = manifest.dictionarySizes[index].map { ", \($0) ids" } ?? ""
            let scaling = manifest.scaling.first { $0.feature == feature.name }
            let scale = scaling.map { ", scaled: (x - \($0.offset)) / \($0.divisor)" } ?? ""
            lines.append("feature      \(feature.name): \(feature.kind.rawValue)\(size)\(role)\(scale)")
        }
        lines.append("buckets      \(manifest.buckets.count)")
        lines.append("fingerprint  \(manifest.fingerprint)")
        return lines.joined(separator: "\n") + "\n"
    }

    /// One user's samples, raw and corrected labels side by side, and what is done where labels stay.
    private func dataset(of user: String, in store: PartitionStore) async throws(StageError) -> Finding {
        let samples = try store.localDataset(named: user)
        let globalCTR = try CTRReport(
            users: [
                ClickCounts(samples: store.manifest.measured.samples, positives: store.manifest.measured.positives)
            ]
        ).globalCTR
        let encoder = SampleStreamEncoder(schema: samples.schema, partitioned: true, corrected: true)
        let text = ArrowTextEncoder(schema: encoder.arrow.schema, style: .csv)
        var lines = text.start()
        let corrected = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(samples) }
            .correctingLabels(to: globalCTR, by: correction)
        for try await batch in corrected { lines += text.encode(encoder.arrowBatch(batch)) }
        let train = zip(samples.labels, samples.parts ?? []).filter { $0.1 == .train }.map(\.0)
        return Finding(
            text: String(decoding: lines, as: UTF8.self),
            note: correction.text(ClickCounts(labels: train), globalCTR: globalCTR))
    }

    // MARK: Files

    private func stream() async throws(StageError) -> String {
        let path = path
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { () throws(StageError) in
            let decoder = try ArrowStreamDecoder(InputFile(path: path, cancellation: cancellation))
            var rows = 0
            var batches = 0
            let text = ArrowTextEncoder(schema: decoder.schema, style: .csv)
            var shown = text.start()
            while let batch = try decoder.nextBatch() {
                if rows < Self.shownRows {
                    shown += text.encode(batch, rows: 0..<min(batch.count, Self.shownRows - rows))
                }
                rows += batch.count
                batches += 1
            }
            var lines = ["Arrow stream, \(rows) rows in \(batches) batches"]
            for key in decoder.schema.metadata.keys.sorted() {
                lines.append("  \(key) = \(decoder.schema.metadata[key] ?? "")")
            }
            for field in decoder.schema.fields {
                let role = field.metadata["plumb.role"].map { " (\($0))" } ?? ""
                lines.append("  \(field.name): \(field.type)\(role)")
            }
            return lines.joined(separator: "\n") + "\n" + String(decoding: shown, as: UTF8.self)
        }
    }

    private func model() async throws(StageError) -> String {
        let file = try await ModelFile(path: path)
        let model = file.model
        let architecture = model.architecture
        var lines = [
            "\(architecture.kind.rawValue) model, \(file.byteCount) bytes, \(architecture.flopsPerSample()) FLOPs a sample"
        ]
        for tensor in model.parameters.layout.tensors {
            lines.append("  \(tensor.name) \(model.parameters.shape(of: tensor))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func json() async throws(StageError) -> String {
        let bytes = try await FileContents.read(path, limit: Self.jsonLimit)
        // What it means to be decides which fault is told.
        switch try keys(of: bytes) {
        case let keys where keys.contains("seeds"):
            return ArmsTable(try RunSummary(json: bytes, name: path), hasBars: hasBars).description
        case let keys where keys.contains("arms") || keys.contains("part"):
            return ArmsTable(try RunMetrics(json: bytes, name: path), hasBars: hasBars).description
        case let keys where keys.contains("stages"): return try await record(path)
        case let keys where keys.contains("global_ctr") || keys.contains("drift"):
            return try CTRReport(json: bytes, name: path).description
        default:
            throw StageError(.data, "this is nothing that plumb writes", at: SourcePosition(file: path))
        }
    }

    /// The steps that a `stages.json` names.
    private func record(_ path: String) async throws(StageError) -> String {
        try RunRecord(json: try await FileContents.read(path, limit: Self.jsonLimit), name: path).description
    }

    /// The keys at the top of a JSON object.
    private func keys(of json: [UInt8]) throws(StageError) -> [String] {
        do throws(JSONError) {
            return try JSONNode(try JSONValue(utf8: json[...])).members().map(\.key)
        } catch {
            throw StageError(.data, error.message, at: SourcePosition(file: path, byteOffset: error.byteOffset))
        }
    }

    private func summaryTable(_ path: String, drift: [DriftQuantiles]) async throws(StageError) -> String {
        let bytes = try await FileContents.read(path, limit: Self.jsonLimit)
        return ArmsTable(try RunSummary(json: bytes, name: path), drift: drift, hasBars: hasBars).description
    }
}
