import CTRModels
import CloudTraining
import Evaluation
import LabelCorrection
import LocalStages
import LogIngest
import Samples
import UserPartition

/// What a study file asks for: every data set with every model, each tuned by every local schedule on labels as they are and as
/// each method corrects them, with every seed.
///
/// `docs/study-file.md` lists the keys. A data set is a pipeline file with some settings changed.
public struct Study: Sendable {
    /// The study's name.
    public let name: String
    /// The data sets, in the file's order.
    let dataSets: [DataSet]
    /// The models: each a name and settings under `train`.
    let models: [Variant]
    /// The ways of correcting; the first is that of the arm `corrected`.
    let corrections: [CorrectionMethod]
    /// The local schedules: each a name and settings under `finetune`.
    let schedules: [Variant]
    /// The seeds, one cloud model each.
    public let seeds: [UInt64]
    /// How intervals are found.
    let bootstrap: UserBootstrap
    /// Every pipeline that comes out, read once: nothing that happens to the files later can change a study midway.
    private var pipelines: [PipelineKey: Pipeline] = [:]

    private struct PipelineKey: Hashable {
        let dataSet: String
        let model: String?
        let schedule: String?
    }

    /// What differs from a pipeline file, by name.
    struct Variant: Sendable {
        let name: String
        let overrides: [SettingOverride]
    }

    /// One data set.
    struct DataSet: Sendable {
        /// Its name, which its files have.
        let name: String
        /// What it is, for the page.
        let about: StudyDataSet.About
        /// Its pipeline file.
        let pipeline: String
        /// What is different from that.
        let overrides: [SettingOverride]
        /// Whether the study goes on without it where a file of its log is missing.
        let mayBeMissing: Bool
        /// The names of those models and corrections that it is studied with; nil for all.
        let models: [String]?
        let corrections: [CorrectionMethod]?
    }

    /// A study file has at most so many bytes.
    private static let fileLimit = 1 << 20

    /// Reads and checks a study file, and with it each of its pipelines.
    ///
    /// - Throws: all faults at once, each with its place.
    public init(path: String) async throws(PipelineError) {
        let root: SettingsNode
        do throws(StageError) {
            root = try SettingsNode.parse(try await Pipeline.text(of: path, limit: Self.fileLimit), file: path)
        } catch {
            throw PipelineError([error])
        }
        let ledger = SettingsReader.Ledger(overrides: [])
        let top = SettingsReader(keys: [], node: root, ledger: ledger)
        let folder = Pipeline.folder(of: path)
        name = top.text("name", default: "study")
        dataSets = top.sections("data_sets").map { DataSet($0.name, $0.reader, folder: folder) }
        let kinds = Architecture.Kind.allCases.map(\.rawValue)
        models = top.variants("models", under: "train").map { model in
            // A model that is called by its kind need not say so again.
            if model.overrides.contains(where: { $0.path == "train.model" }) { return model }
            guard kinds.contains(model.name) else {
                top.fault(
                    "the model `\(model.name)` is of no kind", key: "models",
                    advice: nearest(to: model.name, among: kinds).map { "did you mean `\($0)`?" }
                        ?? "say its kind under `model`: one of \(kinds.joined(separator: ", "))")
                return model
            }
            let kind = SettingOverride(
                path: "train.model", text: model.name, origin: .file(root.position))
            return Variant(name: model.name, overrides: [kind] + model.overrides)
        }
        corrections = top.list(
            "corrections", default: [.rescale],
            expected: "methods out of \(CorrectionMethod.allCases.map(\.rawValue).joined(separator: ", "))",
            shown: \.rawValue
        ) { CorrectionMethod(rawValue: $0) }
        schedules = top.variants("schedules", under: "finetune")
        seeds = top.list("seeds", default: [1], expected: "whole numbers of at least 0") { UInt64($0) }
        bootstrap = UserBootstrap(
            resamples: top.integer("resamples", default: 2000, in: 1...1_000_000),
            seed: UInt64(top.integer("bootstrap_seed", default: 1, in: 0...Int.max)))
        if corrections.isEmpty || Set(corrections).count < corrections.count {
            top.fault("`corrections` must hold at least one method, none of them twice", key: "corrections")
        }
        if seeds.isEmpty || Set(seeds).count < seeds.count {
            top.fault("`seeds` must hold at least one number, none of them twice", key: "seeds")
        }
        for dataSet in dataSets {
            let known = models.map(\.name)
            for name in dataSet.models ?? [] where !known.contains(name) {
                top.fault(
                    "`data_sets.\(dataSet.name)` names the model `\(name)`, which the study does not have",
                    key: "data_sets",
                    advice: "there are \(known.joined(separator: ", "))")
            }
            for method in dataSet.corrections ?? [] where !corrections.contains(method) {
                top.fault(
                    "`data_sets.\(dataSet.name)` names the correction `\(method.rawValue)`, which the study does not have",
                    key: "data_sets")
            }
        }
        for (key, names) in [
            ("data_sets", dataSets.map(\.name)), ("models", models.map(\.name)), ("schedules", schedules.map(\.name)),
        ] {
            if names.isEmpty { top.fault("`\(key)` must name at least one", key: key) }
            for name in names where !Self.isFileName(name) {
                top.fault(
                    "`\(name)` under `\(key)` must be made of letters, digits, `-`, `_` and inner dots: files are named so",
                    key: key)
            }
            if Set(names).count < names.count { top.fault("`\(key)` holds a name twice", key: key) }
        }
        top.finish()
        var faults = ledger.faults
        if faults.isEmpty { faults = await readPipelines() }
        if !faults.isEmpty { throw PipelineError(faults) }
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name.first != "." && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// Reads all pipelines. Returns what is wrong with them, each fault once.
    private mutating func readPipelines() async -> [StageError] {
        var faults: [StageError] = []
        for dataSet in dataSets {
            for (model, schedule) in variants(of: dataSet) {
                do throws(PipelineError) {
                    let pipeline = try await read(dataSet, model, schedule)
                    pipelines[PipelineKey(dataSet: dataSet.name, model: model?.name, schedule: schedule?.name)] =
                        pipeline
                    if pipeline.ingest == nil {
                        faults.append(
                            StageError(
                                .usage, "a study needs a pipeline file with a section `ingest`",
                                at: SourcePosition(file: dataSet.pipeline)))
                    }
                } catch {
                    faults += error.faults
                }
            }
        }
        if faults.isEmpty { faults = scheduleFaults() }
        var known: Set<StageError> = []
        return faults.filter { known.insert($0).inserted }
    }

    /// The pipelines of a data set: as it is, with each model, and with each model and schedule.
    private func variants(of dataSet: DataSet) -> [(model: Variant?, schedule: Variant?)] {
        let models = models(of: dataSet)
        return [(nil, nil)] + models.map { ($0, nil) } + models.flatMap { model in schedules.map { (model, $0) } }
    }

    /// A schedule is one thing, on whatever data set: results are compared by its name.
    private func scheduleFaults() -> [StageError] {
        schedules.compactMap { schedule in
            let found = dataSets.flatMap { dataSet in
                models(of: dataSet).map { pipeline(dataSet, $0, schedule).finetune.schedule }
            }
            guard Set(found).count > 1 else { return nil }
            return StageError(
                .usage, "the schedule `\(schedule.name)` comes out differently on different data sets",
                advice: "say its optimizer, learning_rate, epochs and batch_size under `schedules.\(schedule.name)`")
        }
    }

    // MARK: Pipelines

    /// The pipeline of a data set, with a model, and with a schedule that of one cell.
    func pipeline(_ dataSet: DataSet, _ model: Variant? = nil, _ schedule: Variant? = nil) -> Pipeline {
        let key = PipelineKey(dataSet: dataSet.name, model: model?.name, schedule: schedule?.name)
        guard let pipeline = pipelines[key] else { preconditionFailure("no such pipeline in the study") }
        return pipeline
    }

    private func read(
        _ dataSet: DataSet, _ model: Variant?, _ schedule: Variant?
    ) async throws(PipelineError) -> Pipeline {
        let overrides = dataSet.overrides + (model?.overrides ?? []) + (schedule?.overrides ?? [])
        let pipeline = try await Pipeline(path: dataSet.pipeline, overrides: overrides)
        // Lists of earlier positives tell a user's level, so that only models made for them get to see them.
        guard let ingest = pipeline.ingest, pipeline.partition.history != nil, pipeline.train.features == nil,
            !pipeline.train.model.uses.contains(.history), !ingest.schema.features.isEmpty
        else { return pipeline }
        let features = SettingOverride(
            path: "train.features", text: ingest.schema.features.map(\.name).joined(separator: ","),
            origin: .standard)
        return try await Pipeline(path: dataSet.pipeline, overrides: overrides + [features])
    }

    /// The settings of one cell's tuning.
    func tuning(_ pipeline: Pipeline, arms: [Arm]) -> FineTuningSettings {
        var settings = pipeline.finetune
        settings.arms = arms
        settings.correction.method = corrections[0]
        return settings
    }

    /// The arms that no schedule changes.
    func untunedArms(hasItem: Bool) -> [Arm] { (hasItem ? [.itemMean] : []) + [.cloud, .cloudPrior] }

    /// The arms of a schedule. `corrected` is the study's first method on every data set.
    func tunedArms(of dataSet: DataSet) -> [Arm] {
        let others = corrections.dropFirst().filter { dataSet.corrections?.contains($0) ?? true }
        return [.finetuned, .corrected, .correctedPrior, .correctedGated] + others.map(Arm.correctedBy)
    }

    /// The models that a data set is studied with, in the study's order.
    func models(of dataSet: DataSet) -> [Variant] {
        models.filter { dataSet.models?.contains($0.name) ?? true }
    }
}

extension Study.DataSet {
    /// The data set that a section names; paths in it start at the study file's folder.
    fileprivate init(_ name: String, _ reader: SettingsReader, folder: String) {
        self.name = name
        let title = reader.text("title", default: name)
        about = StudyDataSet.About(name: name, title: title, text: reader.text("about", default: ""))
        let path = reader.requiredText("pipeline")
        pipeline = path.hasPrefix("/") ? path : folder + path
        mayBeMissing = reader.choice("missing", default: Missing.fail) == .skip
        models = reader.texts("models")
        corrections =
            reader.has("corrections")
            ? reader.list("corrections", default: [], expected: "methods of the study", shown: \.rawValue) {
                CorrectionMethod(rawValue: $0)
            } : nil
        overrides = Pipeline.stageSections.flatMap { section in
            reader.overrides(section, path: section).map { override in
                if let fault = Self.fault(override.path) { reader.fault(fault, at: override.origin.position) }
                guard Self.isPath(override.path) else { return override }
                let paths = override.text.split(separator: ",").map { path in
                    path.hasPrefix("/") || path == "-" ? String(path) : folder + path
                }
                return SettingOverride(
                    path: override.path, text: paths.joined(separator: ","), origin: override.origin)
            }
        }
        reader.finish()
    }

    private enum Missing: String, CaseIterable { case fail, skip }

    /// What is wrong with changing a setting that a study decides itself; nil for all others.
    private static func fault(_ setting: String) -> String? {
        switch setting {
        case "correct.method": "a study takes its methods from `corrections`"
        case "finetune.arms": "a study decides which arms it scores"
        case "evaluate.part": "a study evaluates validation and test"
        case "evaluate.resamples", "evaluate.bootstrap_seed": "a study has this at its top, for all data sets alike"
        default: nil
        }
    }

    private static func isPath(_ setting: String) -> Bool {
        setting == "ingest.vocabulary" || setting == "partition.pseudonymize"
            || (setting.hasPrefix("ingest.sources.") && setting.hasSuffix(".path"))
    }
}
