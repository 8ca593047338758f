import ByteStreams
public import CloudTraining
public import Evaluation
public import LocalStages
public import LogIngest
import Samples
public import UserPartition

/// Every setting of every stage, as a pipeline file, the environment and flags say it, checked.
///
/// The file's keys are the subcommands' names; `docs/pipeline-file.md` lists them all. Only this module knows YAML.
public struct Pipeline: Sendable {
    /// The data set's name, for people.
    public var name: String
    /// How logs become samples; nil where no pipeline file says so.
    public var ingest: IngestSettings?
    /// How samples become a store.
    public var partition: PartitionSettings
    /// How the cloud model is trained.
    public var train: TrainingSettings
    /// How users are corrected, tuned and scored.
    public var finetune: FineTuningSettings
    /// What is evaluated.
    public var evaluate: EvaluationSettings
    /// The seeds of a run, one model each; never empty.
    public var seeds: [UInt64]
    /// All settings as they came out, in the order of the stages.
    public let settings: [PipelineSetting]

    /// The keys at a pipeline file's top, in the order of the stages.
    public static let sections = ["name"] + stageSections + ["seeds"]
    static let stageSections = ["ingest", "partition", "train", "correct", "finetune", "evaluate"]

    /// The most bytes that a pipeline file may have.
    private static let fileLimit = 1 << 20

    /// Reads the pipeline file, if one is named, and lets the environment and `overrides` win over it.
    ///
    /// - Parameters:
    ///   - path: the file; nil for defaults alone.
    ///   - overrides: flags, by the path of the setting they set.
    ///   - environment: variables; `PLUMB_TRAIN_EPOCHS` sets `train.epochs`.
    /// - Throws: all faults at once, each with its place.
    public init(
        path: String?, overrides: [SettingOverride] = [], environment: [String: String] = [:]
    ) async throws(PipelineError) {
        var root: SettingsNode?
        if let path {
            do throws(StageError) {
                root = try SettingsNode.parse(try await Self.text(of: path, limit: Self.fileLimit), file: path)
            } catch {
                throw PipelineError([error])
            }
        }
        try self.init(root: root, folder: path.map(Self.folder) ?? "", overrides: overrides, environment: environment)
    }

    /// Reads pipeline text as if it stood in `file`. Sources are relative to the file's folder.
    public init(
        text: String, file: String, overrides: [SettingOverride] = [], environment: [String: String] = [:]
    ) throws(PipelineError) {
        let root: SettingsNode
        do throws(StageError) {
            root = try SettingsNode.parse(text, file: file)
        } catch {
            throw PipelineError([error])
        }
        try self.init(root: root, folder: Self.folder(of: file), overrides: overrides, environment: environment)
    }

    private init(
        root: SettingsNode?, folder: String, overrides: [SettingOverride], environment: [String: String]
    ) throws(PipelineError) {
        let variables = EnvironmentSettings(environment)
        let ledger = SettingsReader.Ledger(overrides: variables.overrides + overrides)
        let top = SettingsReader(keys: [], node: root, ledger: ledger)
        name = top.text("name", default: "unnamed")
        let ingestSection = top.section("ingest")
        ingest = root != nil && top.has("ingest") ? IngestSettings(ingestSection, folder: folder) : nil
        partition = PartitionSettings(top.section("partition"), folder: folder, ingest: ingest)
        let trainSection = top.section("train")
        train = TrainingSettings(trainSection)
        if let ingest, let features = train.features {
            let histories = (partition.history?.features ?? []).map { HistorySettings.name(of: $0) }
            let known = ingest.schema.features.map(\.name) + histories
            for feature in features where !known.contains(feature) {
                trainSection.fault(
                    "there is no feature `\(feature)` to train on", key: "features",
                    advice: "there are \(known.joined(separator: ", "))")
            }
        }
        finetune = FineTuningSettings(top.section("finetune"), correct: top.section("correct"))
        evaluate = EvaluationSettings(top.section("evaluate"))
        seeds = top.list("seeds", default: [1], expected: "whole numbers of at least 0") { UInt64($0) }
        if seeds.isEmpty || Set(seeds).count < seeds.count {
            top.fault("`seeds` must hold at least one number, none of them twice", key: "seeds")
        }
        top.finish()
        settings = ledger.settings
        if ledger.faults.isEmpty, let ingest {
            do throws(StageError) {
                try ingest.validate()
            } catch {
                ledger.faults.append(
                    StageError(error.code, error.message, at: ingestSection.position, advice: error.advice))
            }
        }
        let faults =
            ledger.faults + variables.faults(known: ledger, readsIngest: root != nil && top.has("ingest"))
            + ledger.unknownFileOverrides
        if !faults.isEmpty { throw PipelineError(faults) }
    }

    /// The text of a file of settings.
    static func text(of path: String, limit: Int) async throws(StageError) -> String {
        let bytes: [UInt8]
        do throws(StageError) {
            bytes = try await FileContents.read(path, limit: limit)
        } catch {
            // A file that is too long is none, and naming it was a mistake.
            throw error.code == .data
                ? StageError(.usage, error.message, at: error.position, advice: error.advice) : error
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw StageError(.usage, "not UTF-8 text", at: SourcePosition(file: path))
        }
        return text
    }

    /// The folder of a file, with its final slash, or empty.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }
}
