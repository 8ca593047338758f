import ByteStreams
import Crypto

/// All that a step's results are a function of. Equal origins, equal bytes.
struct StepOrigin: Sendable, Hashable {
    /// What a step reads: a source's file, or an earlier step's result.
    struct Input: Sendable, Hashable {
        /// What a source's file is read for; nil for a result of the run.
        var purpose: String?
        /// The path of a source's file, as the ingest opens it; a result's path in the run folder.
        var name: String
        /// The hash of its content, in hexadecimal; of the store, its fingerprint. Nil if it is not known, and then like no
        /// other.
        var sha256: String?
    }

    /// A setting: its path and its value as YAML.
    struct Setting: Sendable, Hashable {
        var path: String
        var text: String
    }

    /// The step; its seed is part of the origin.
    let step: RunStep
    /// The version of the tool.
    let version: String
    /// The settings that the step depends on, in the order of the pipeline file.
    let settings: [Setting]
    /// What the step reads, in order.
    let inputs: [Input]

    /// An origin.
    init(step: RunStep, version: String, settings: [Setting], inputs: [Input]) {
        self.step = step
        self.version = version
        self.settings = settings
        self.inputs = inputs
    }

    /// SHA-256, in hexadecimal, over everything above.
    var fingerprint: String {
        // Texts are quoted by their length, so that no two origins share a text.
        func quoted(_ text: String) -> String { "\(text.utf8.count):\(text)" }
        var lines = ["plumb run \(RunRecord.format)", "step \(step)", "version \(quoted(version))"]
        lines += settings.map { "setting \(quoted($0.path)) \(quoted($0.text))" }
        lines += inputs.map { "input \(quoted($0.purpose ?? "")) \(quoted($0.name)) \($0.sha256 ?? "unknown")" }
        return SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)).hexadecimal
    }

    /// What is different about `now`; nil if nothing is.
    func difference(to now: StepOrigin) -> RedoReason? {
        if version != now.version { return .version(version) }
        return settingsDifference(to: now.settings) ?? inputsDifference(to: now.inputs)
    }

    private func settingsDifference(to now: [Setting]) -> RedoReason? {
        if settings == now { return nil }
        let before = Dictionary(settings.map { ($0.path, $0.text) }) { first, _ in first }
        let after = Dictionary(now.map { ($0.path, $0.text) }) { first, _ in first }
        let changes =
            now.filter { before[$0.path] != $0.text }.map {
                RedoReason.SettingChange(path: $0.path, before: before[$0.path], now: $0.text)
            }
            + settings.filter { after[$0.path] == nil }.map {
                RedoReason.SettingChange(path: $0.path, before: $0.text, now: nil)
            }
        return .settings(changes)
    }

    private func inputsDifference(to now: [Input]) -> RedoReason? {
        func key(_ input: Input) -> [String?] { [input.purpose, input.name] }
        let before = Dictionary(inputs.map { (key($0), $0) }) { first, _ in first }
        for input in now {
            guard let earlier = before[key(input)] else { return .inputAdded(input.label) }
            if input.sha256 == nil || input.sha256 != earlier.sha256 { return .inputChanged(input.label) }
        }
        let after = Set(now.map(key))
        if let gone = inputs.first(where: { !after.contains(key($0)) }) { return .inputRemoved(gone.label) }
        return inputs == now ? nil : .inputOrder
    }
}

extension StepOrigin.Input {
    /// The input as a person is told of it.
    fileprivate var label: RedoReason.InputLabel { RedoReason.InputLabel(purpose: purpose, name: name) }
}
