import CTRModels
import CloudTraining
import LabelCorrection
import LocalStages
import LogIngest
import Samples
import Testing
import UserPartition

@testable import Pipelines

@Suite("A pipeline file")
struct PipelineTests {
    static let minimal = """
        ingest:
          sources:
            log: {path: log.csv}
          user: user
          time: time
          label: rating >= 4
        """

    private func faults(
        _ text: String, overrides: [SettingOverride] = [], environment: [String: String] = [:]
    ) -> [String] {
        do throws(PipelineError) {
            _ = try Pipeline(text: text, file: "p.yaml", overrides: overrides, environment: environment)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test("gives defaults for what it does not say")
    func defaults() throws {
        let pipeline = try Pipeline(text: Self.minimal, file: "p.yaml")
        #expect(pipeline.partition == PartitionSettings())
        #expect(pipeline.finetune == FineTuningSettings())
        #expect(pipeline.train.optimizer == .adam(learningRate: 0.001))
        #expect(pipeline.seeds == [1])
        #expect(pipeline.ingest?.log == "log")
        #expect(pipeline.ingest?.roles.label == .comparison(column: "rating", .atLeast, 4))
    }

    @Test("names sources relative to its own folder")
    func relativePaths() throws {
        let pipeline = try Pipeline(text: Self.minimal, file: "some/where/p.yaml")
        #expect(pipeline.ingest?.sources[0].paths == ["some/where/log.csv"])
        let standardInput = try Pipeline(
            text: Self.minimal.replacing("log.csv", with: "\"-\""), file: "some/where/p.yaml")
        #expect(standardInput.ingest?.sources[0].paths == ["-"])
    }

    @Test("names a vocabulary relative to its own folder; a flag and the environment do so in the working folder")
    func relativeVocabulary() throws {
        func vocabulary(
            flag: String? = nil, environment: [String: String] = [:], _ file: String = "v.arrows"
        ) throws -> String? {
            let overrides = flag.map {
                [SettingOverride(path: "ingest.vocabulary", text: $0, origin: .flag("--reuse-vocabulary"))]
            }
            return try Pipeline(
                text: Self.minimal + "\n  vocabulary: \(file)", file: "some/where/p.yaml", overrides: overrides ?? [],
                environment: environment
            ).ingest?.vocabulary
        }
        #expect(try vocabulary() == "some/where/v.arrows")
        #expect(try vocabulary("/v.arrows") == "/v.arrows")
        #expect(try vocabulary(flag: "w.arrows") == "w.arrows")
        #expect(try vocabulary(environment: ["PLUMB_INGEST_VOCABULARY": "w.arrows"]) == "w.arrows")
    }

    @Test("is refused with the place of every fault, all at once")
    func faultsWithPlaces() {
        let text =
            Self.minimal + """

                train:
                  epocs: 3
                  batch_size: many
                seeds: [1, 1]
                """
        #expect(
            faults(text) == [
                "p.yaml:9:15: error: `train.batch_size` must be a whole number of at least 1 and at most 1048576, is `many`",
                "p.yaml:8:3: error: unknown key `epocs` in `train`; did you mean `epochs`?",
                "p.yaml:10:8: error: `seeds` must hold at least one number, none of them twice",
            ])
    }

    @Test(
        "is refused at the fault's place",
        arguments: [
            ("nonsense: 1", "p.yaml:1:1: error: unknown key `nonsense` at the top"),
            ("train: 3", "p.yaml:1:8: error: `train` must be a mapping, is a single value"),
            (
                "train: {learning_rate: -1}",
                "p.yaml:1:24: error: `train.learning_rate` must be a number above 0, is `-1`"
            ),
            (
                "train: {model: deepfn}",
                "p.yaml:1:16: error: `train.model` must be one of lr, fm, wide-deep, deepfm, pnn, dcn-v2, din, dien, is `deepfn`"
            ),
            ("partition: {split: [0.5, 0.2]}", "p.yaml:1:20: error: `partition.split` must be three shares"),
            ("partition: {memory: 1KB}", "p.yaml:1:21: error: `partition.memory` must be a number of bytes"),
            ("finetune: {arms: [cloud, clout]}", "p.yaml:1:18: error: `finetune.arms` must hold arms out of"),
            (
                "correct: {method: logit_adjust}",
                "p.yaml:1:19: error: `correct.method` must be one of rescale, additive, smoothing, reweight, logit-adjust, is"
            ),
            ("correct: {prior_strength: -1}", "`correct.prior_strength` must be a number of at least 0, is `-1`"),
            ("correct: {smoothing: 1.5}", "`correct.smoothing` must be a number from 0 to 1, is `1.5`"),
            ("finetune: {restore: mach}", "p.yaml:1:21: error: `finetune.restore` must be one of offset, match"),
            ("train: {epochs: 1, epochs: 2}", "the key `epochs` stands here twice"),
            ("train: {epochs: [1, 2]}", "p.yaml:1:17: error: `train.epochs` must be a single value, is a list"),
            ("train: {epochs: 1", "p.yaml:"),
            ("ingest: {user: u}", "`ingest.sources` names no log"),
        ])
    func refusals(text: String, expected: String) {
        let faults = faults(text)
        #expect(faults.contains { $0.contains(expected) }, "\(faults)")
    }

    @Test("a label rule's fault is told with its character")
    func labelFault() {
        let text = Self.minimal.replacing("rating >= 4", with: "rating => 4")
        #expect(
            faults(text).contains { $0.hasPrefix("p.yaml:6:10: error: `ingest.label`") && $0.contains("character 8") })
    }

    @Test("a flag wins over the environment, that over the file, that over the default")
    func precedence() throws {
        let text = "train: {epochs: 5, patience: 2}"
        let environment = ["PLUMB_TRAIN_EPOCHS": "6", "PLUMB_TRAIN_BATCH_SIZE": "64", "PATH": "/bin"]
        let flag = SettingOverride(path: "train.epochs", text: "7", origin: .flag("--epochs"))
        let pipeline = try Pipeline(text: text, file: "p.yaml", overrides: [flag], environment: environment)
        #expect(pipeline.train.epochs == 7)
        #expect(pipeline.train.batchSize == 64)
        #expect(pipeline.train.patience == 2)
        let shown = pipeline.settings.yaml(section: "train")
        #expect(shown.contains("epochs: 7") && shown.contains("# --epochs"))
        #expect(shown.contains("# PLUMB_TRAIN_BATCH_SIZE"))
        #expect(shown.contains("# p.yaml:1:30"))
        #expect(shown.contains("# default"))
    }

    @Test("a fault in a flag or a variable names it")
    func faultyOverrides() {
        let flag = SettingOverride(path: "train.epochs", text: "0", origin: .flag("--epochs"))
        #expect(faults("", overrides: [flag])[0].hasPrefix("--epochs: error: `train.epochs` must be a whole number"))
        #expect(
            faults("", environment: ["PLUMB_TRAIN_EPOCH": "1"])[0]
                == "PLUMB_TRAIN_EPOCH: error: there is no setting `train.epoch`; did you mean `train.epochs`?")
    }

    @Test("a variable for `ingest` is no fault where no log is read")
    func ingestVariable() {
        let environment = ["PLUMB_INGEST_BATCH_ROWS": "16"]
        #expect(faults("train: {epochs: 2}", environment: environment).isEmpty)
        #expect(faults(Self.minimal, environment: environment).isEmpty)
        #expect(!faults(Self.minimal, environment: ["PLUMB_INGEST_BATCH_ROW": "16"]).isEmpty)
    }

    @Test("the settings it shows are themselves a pipeline file that gives the same settings")
    func shownSettingsReadBack() throws {
        let text =
            Self.minimal + """

                  item: item
                  features:
                    genres: {kind: multivalued, separator: "|", missing: ["(none)", "a,b"]}
                correct: {method: logit-adjust, prior_strength: 3, smoothing: 0.25}
                finetune: {arms: [cloud, corrected], learning_rate: 0.05, restore: match, restore_strength: 4}
                seeds: [4, 5]
                """
        let pipeline = try Pipeline(text: text, file: "p.yaml")
        let again = try Pipeline(text: pipeline.settings.yaml(), file: "p.yaml")
        #expect(again.ingest == pipeline.ingest)
        #expect(again.train == pipeline.train)
        #expect(again.finetune == pipeline.finetune)
        #expect(pipeline.finetune.correction == Correction(.logitAdjust, priorStrength: 3, smoothing: 0.25))
        #expect(pipeline.finetune.restoration == PriorRestoration(strength: 4, rule: .match))
        #expect(again.partition == pipeline.partition)
        #expect(again.seeds == pipeline.seeds)
    }

    @Test(
        "a time's format is a name or a pattern, its zone a name or an offset",
        arguments: [
            ("time_format: unix-milliseconds", IngestSettings.TimeFormat.unixMilliseconds, nil),
            ("time_format: iso8601\n  time_zone: +08:00", .iso8601, "+08:00"),
            (
                "time_format: \"%m/%d/%Y %I:%M:%S %p\"\n  time_zone: -0330", .pattern("%m/%d/%Y %I:%M:%S %p"), "-0330"
            ),
            ("time_zone: null", .unixSeconds, nil),
        ])
    func times(lines: String, format: IngestSettings.TimeFormat, zone: String?) throws {
        let pipeline = try Pipeline(text: Self.minimal + "\n  \(lines)", file: "p.yaml")
        #expect(pipeline.ingest?.roles.time == .init(column: "time", format: format, zone: zone))
        let again = try Pipeline(text: pipeline.settings.yaml(), file: "p.yaml")
        #expect(again.ingest == pipeline.ingest)
    }

    @Test(
        "a fault in a time's format or zone is told at its place",
        arguments: [
            (
                "time_format: seconds",
                "p.yaml:7:16: error: `ingest.time_format` must be one of unix-seconds, unix-milliseconds, iso8601, or a pattern"
            ),
            (
                "time_format: \"%d/%m %Q\"",
                "p.yaml:7:16: error: `ingest.time_format`: the time pattern `%d/%m %Q` has `%Q`, which is not known, at character 7"
            ),
            (
                "time_format: iso8601\n  time_zone: +8",
                "p.yaml:8:14: error: `ingest.time_zone`: the offset `+8` cannot be read"
            ),
            ("time_zone: UTC", "p.yaml:7:14: error: `ingest.time_zone`: the time zone `UTC` would not be asked for"),
        ])
    func faultyTimes(lines: String, expected: String) {
        let faults = faults(Self.minimal + "\n  \(lines)")
        #expect(faults.count == 1 && faults[0].hasPrefix(expected), "\(faults)")
    }

    @Test("a dense feature may have a transform, no other feature")
    func transforms() throws {
        func features(_ text: String) -> String { Self.minimal + "\n  features: {price: {\(text)}}" }
        let pipeline = try Pipeline(text: features("kind: dense, transform: log1p"), file: "p.yaml")
        #expect(pipeline.ingest?.features[0].kind == .dense(.log1p))
        #expect(faults(features("transform: log1p"))[0].contains("only a dense feature has a transform"))
        #expect(faults(features("kind: dense, transform: log"))[0].contains("must be one of identity, log1p"))
    }

    @Test(
        "names of any characters are shown so that they read back",
        arguments: [
            "a.b", "a..b.", ".", "with space", " led by one", "null", "~", "a: b", "#none", "- x", "it's \"so\"",
            "back\\slash",
            "tab\tand\nbreaks\r", "bell\u{7}", "\u{0}", "\u{7F}\u{85}\u{A0}", "\u{2028}\u{2029}", "a\u{FEFF}b",
            "\u{FFFE}",
            "größe", "大小", "😀", "*alias", "&anchor", "!tag", "%", "@", "{}", "[", "?", "<<", "=", "...", "---",
        ])
    func namesReadBack(name: String) throws {
        let quoted = name.unicodeScalars.map { scalar in
            let digits = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
        let text = """
            name: "\(quoted)"
            ingest:
              sources: {"\(quoted)": {path: log.csv}, other: {path: ["\(quoted)", x]}}
              log: "\(quoted)"
              user: "\(quoted)"
              time: time
              label: rating >= 4
              features: {"\(quoted)": {}, z: {column: "\(quoted)", join: {source: other, key: "\(quoted)", on: k}}}
            """
        let file = "p\n: .yaml"
        let pipeline = try Pipeline(text: text, file: file)
        #expect(pipeline.name == name)
        #expect(pipeline.ingest?.features.map(\.name) == [name, "z"])
        for withOrigins in [true, false] {
            let shown = pipeline.settings.yaml(withOrigins: withOrigins)
            let again = try Pipeline(text: shown, file: file)
            #expect(again.name == name)
            #expect(again.ingest == pipeline.ingest, "\(shown)")
        }
    }

    @Test("a few lines cannot stand for billions of values")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\([String](repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        #expect(!faults(text).isEmpty)
    }
}
