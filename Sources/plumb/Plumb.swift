import ArgumentParser

/// The command's root: a list of stages and what serves them.
struct Plumb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumb",
        abstract:
            "From raw click logs to the answer whether devices should fine-tune a CTR model on their own samples.",
        discussion: """
            Stages run alone, chained through pipes and files, or all together with `plumb run`:

              plumb ingest --pipeline p.yaml | plumb partition - -o store
              plumb ctr store -o ctr.json
              plumb train store -o model.safetensors
              plumb finetune store --ctr ctr.json --model model.safetensors | plumb evaluate - -o metrics.json

            In shell scripts say `set -o pipefail`, so that a failed stage fails the chain.
            Exit status: 0 done; 1 too many rejected rows, or a warning for `validate --strict`; 2 data or environment
            failed; 64 usage; 130 interrupted, 143 terminated.
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Stages:",
                subcommands: [
                    IngestCommand.self, PartitionCommand.self, CTRCommand.self, TrainCommand.self, CorrectCommand.self,
                    FinetuneCommand.self, EvaluateCommand.self, ReportCommand.self,
                ]),
            CommandGroup(
                name: "Serving them:",
                subcommands: [
                    RunCommand.self, StudyCommand.self, CompareCommand.self, ValidateCommand.self, InspectCommand.self,
                    VerifyCommand.self, ImportCommand.self, ExportCommand.self, SynthCommand.self,
                    CompletionsCommand.self,
                ]),
        ]
    )

    /// The tool's version.
    static let version = "0.1.0"

    /// A command's name with those of the commands above it: `plumb ctr merge`.
    static func fullName(of command: any ParsableCommand.Type) -> String {
        func path(_ from: any ParsableCommand.Type) -> [String]? {
            let configuration = from.configuration
            let name = configuration.commandName ?? ""
            if from == command { return [name] }
            for below in configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands) {
                if let rest = path(below) { return [name] + rest }
            }
            return nil
        }
        return path(Plumb.self)?.joined(separator: " ") ?? "plumb"
    }
}
