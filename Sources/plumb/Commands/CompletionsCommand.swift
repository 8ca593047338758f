import ArgumentParser
import ByteStreams
import Samples

/// `plumb completions`: what shells and `man` want to know of the command, out of the parser's own table.
struct CompletionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print completions for bash, zsh or fish, or the manual.",
        discussion: """
            For this shell only:
              source <(plumb completions bash)
            With -o, files appear in a folder under the names that the shell, or man, looks for: plumb for bash, _plumb for
            zsh, plumb.fish for fish; plumb.1 and one page a subcommand, plumb-run.1, plumb-ctr-merge.1 and so on, for man.
            """
    )

    /// What is printed.
    enum Form: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish, man }

    @Argument(help: "The shell, or man.")
    var form: Form

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write files into this folder.", valueName: "folder"),
        completion: .directory)
    var output: String?

    func run() async throws {
        let files = try files()
        guard let output else {
            return try await FileContents.write(Array(files[0].text.utf8), to: "-")
        }
        try FileTree.makeFolder(output)
        for file in files { try await FileContents.write(Array(file.text.utf8), to: "\(output)/\(file.name)") }
    }

    /// The files with their names; the first is what goes to standard output.
    private func files() throws -> [(name: String, text: String)] {
        switch form {
        case .bash: [("plumb", try CompletionScript(for: .bash).text)]
        case .zsh: [("_plumb", try CompletionScript(for: .zsh).text)]
        case .fish: [("plumb.fish", try CompletionScript(for: .fish).text)]
        case .man: try CommandTable.read().manual
        }
    }
}
