import ArgumentParser
import ByteStreams
import LabelCorrection
import LocalStages
import Pipelines
import Samples

/// `plumb inspect`: what is in a file or folder that plumb wrote.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in a store, stream, model, ctr.json or run folder.",
        discussion: """
            Says what it is from its content. With --user, shows one user of a store, raw and corrected labels side by side:
              plumb inspect store --user 1 --method additive
            """
    )

    @Argument(help: "A store, a run folder, or a file that plumb wrote.", completion: .file())
    var path: String

    @Option(help: ArgumentHelp("Show this user of a store.", valueName: "key"))
    var user: String?

    @OptionGroup var correction: CorrectionOptions

    func validate() throws {
        guard user == nil, correction.overrides.contains(where: { $0 != nil }) else { return }
        throw ValidationError("Labels are corrected for one user: name the user with --user.")
    }

    func run() async throws {
        let pipeline = try await Pipeline(path: nil, flags: correction.overrides)
        let sink = try await ByteSink(path: "-")
        let inspection = Inspection(
            path: path, user: user, correction: pipeline.finetune.correction, hasBars: sink.isTerminal)
        let found = try await inspection.finding()
        if let note = found.note { StandardError.write(note) }
        try await sink.write(Array(found.text.utf8))
        try await sink.publish()
    }
}
