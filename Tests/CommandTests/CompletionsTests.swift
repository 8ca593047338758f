import Foundation
import Testing

@Suite("Completions and the manual")
struct CompletionsTests {
    /// The subcommands by `plumb --help`.
    private func subcommands(_ folder: TemporaryFolder) throws -> [String] {
        let help = try Plumb.run(["--help"], in: folder.url).text
        return help.split(separator: "\n").compactMap { line in
            let name = line.dropFirst(2).prefix { $0 != " " }
            return line.hasPrefix("  ") && name.first?.isLetter == true
                && line.dropFirst(2 + name.count).hasPrefix("  ")
                ? String(name) : nil
        }
    }

    /// A command of this machine; nil where it is not installed.
    private static func command(_ name: String) -> URL? {
        ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
            .map { URL(filePath: $0).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private func run(
        _ command: String, _ arguments: [String], in folder: URL
    ) throws -> (status: Int32, text: String) {
        let executable = try #require(Self.command(command))
        let process = Process()
        let output = Pipe()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.bytesToEnd(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(
        "a shell's script is printed, and written under the name that the shell looks for",
        arguments: [("bash", "plumb"), ("zsh", "_plumb"), ("fish", "plumb.fish")])
    func scripts(name: String, file: String) throws {
        let folder = try TemporaryFolder()
        let printed = try Plumb.run(["completions", name], in: folder.url)
        #expect(printed.status == 0)
        #expect(try Plumb.run(["completions", name, "-o", "a/folder"], in: folder.url).status == 0)
        #expect(try folder.names() == ["a", "a/folder", "a/folder/\(file)"])
        #expect(try folder.read("a/folder/\(file)") == printed.output)
    }

    private func expectTaken(by shell: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Plumb.run(["completions", shell], in: folder.url).text, to: "script")
        let check = try run(shell, ["-n", "script"], in: folder.url)
        #expect(check.status == 0, "\(check.text)")
    }

    @Test("bash takes its script", .enabled(if: command("bash") != nil, "bash is not installed"))
    func bashScript() throws { try expectTaken(by: "bash") }

    @Test("zsh takes its script", .enabled(if: command("zsh") != nil, "zsh is not installed"))
    func zshScript() throws { try expectTaken(by: "zsh") }

    @Test("fish takes its script", .enabled(if: command("fish") != nil, "fish is not installed"))
    func fishScript() throws { try expectTaken(by: "fish") }

    @Test("zsh and fish are told to complete `ctr` as `ctr measure`, too")
    func defaultSubcommand() throws {
        let folder = try TemporaryFolder()
        let zsh = try Plumb.run(["completions", "zsh"], in: folder.url).text
        #expect(zsh.contains("_describe -V subcommand subcommands && ret=0\n        _plumb_ctr_measure && ret=0\n"))
        #expect(zsh.contains("        *)\n            words=(measure \"${words[@]}\")\n"))
        #expect(zsh.split(separator: "_plumb_ctr_measure && ret=0").count == 3)
        let fish = try Plumb.run(["completions", "fish"], in: folder.url).text
        #expect(fish.contains("            case '?*'\n                set -p unparsed_tokens measure\n"))
        let offer = #"complete -c 'plumb' -n '__plumb_should_offer_completions_for_positional "plumb ctr" -eq 1' "#
        #expect(fish.contains("\n\(offer)-fa '(__plumb_complete_directories)'\n"))
    }

    @Test(
        "fish completes a store, its options and the other subcommands after `ctr`",
        .enabled(if: command("fish") != nil, "fish is not installed"),
        arguments: [
            ("plumb ctr s", "store/"), ("plumb ctr --users-", "--users-table"),
            ("plumb ctr store --users-", "--users-table"),
            ("plumb ctr mer", "merge"), ("plumb ctr device s", "store/"),
            ("plumb ctr device store --ep", "--epsilon"),
        ])
    func fish(line: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "store"), withIntermediateDirectories: false)
        try folder.write(Plumb.run(["completions", "fish"], in: folder.url).text, to: "script")
        let reply = try run("fish", ["--no-config", "-c", "source script; complete -C '\(line)'"], in: folder.url)
        let offers = reply.text.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        #expect(offers == [expected])
    }

    @Test(
        "bash completes subcommands, options' values and files of the right kind",
        .enabled(if: command("bash") != nil, "bash is not installed"),
        arguments: [
            (["plumb", "par"], ["partition"]),
            (["plumb", "train", "--model", "w"], ["wide-deep"]),
            (["plumb", "evaluate", "--to", ""], ["json", "table"]),
            (["plumb", "completions", ""], ["bash", "fish", "man", "zsh"]),
            (["plumb", "run", "small"], ["small.yaml"]),
            (["plumb", "ctr", "s"], ["store"]),
            (["plumb", "ctr", "m"], ["measure", "merge"]),
            (["plumb", "ctr", "--users-"], ["--users-table"]),
            (["plumb", "ctr", "store", "--users-table", "small.c"], ["small.csv"]),
            (["plumb", "ctr", "store", "-o", "small.y"], ["small.yaml"]),
            (["plumb", "ctr", "measure", "s"], ["store"]),
            (["plumb", "ctr", "device", "s"], ["store"]),
            (["plumb", "ctr", "device", "store", "--ep"], ["--epsilon"]),
            (["plumb", "ctr", "merge", "report"], ["report.json"]),
            (["plumb", "ctr", "merge", "report.json", "report"], ["report.json"]),
            (["plumb", "validate", "--str"], ["--strict"]),
        ])
    func bash(words: [String], expected: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "small.yaml")
        try folder.write("", to: "small.csv")
        try folder.write("", to: "report.json")
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "store"), withIntermediateDirectories: false)
        try folder.write(Plumb.run(["completions", "bash"], in: folder.url).text, to: "script")
        // As bash calls it: the words, the one that is typed, the one before it.
        let script = """
            source ./script
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
            _plumb plumb "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let reply = try run("bash", ["-c", script, "bash"] + words, in: folder.url)
        #expect(reply.text.split(separator: "\n").map(String.init).sorted() == expected)
    }

    @Test("the manual has a page for the command and one for each subcommand, nested ones too, with every option")
    func manual() throws {
        let folder = try TemporaryFolder()
        #expect(try Plumb.run(["completions", "man", "-o", "man1"], in: folder.url).status == 0)
        let subcommands = try subcommands(folder)
        #expect(subcommands.contains("ingest") && subcommands.contains("completions"))
        let nested = ["measure", "merge", "device"]
        let commands = subcommands.map { [$0] } + nested.map { ["ctr", $0] }
        let pages = ["plumb.1"] + commands.map { "plumb-\($0.joined(separator: "-")).1" }
        #expect(try folder.names() == (["man1"] + pages.map { "man1/\($0)" }).sorted())
        let root = try String(decoding: folder.read("man1/plumb.1"), as: UTF8.self)
        #expect(try Plumb.run(["completions", "man"], in: folder.url).text == root)
        for subcommand in subcommands { #expect(root.contains("\n.It Cm \(subcommand)\n")) }
        let parent = try String(decoding: folder.read("man1/plumb-ctr.1"), as: UTF8.self)
        for subcommand in nested { #expect(parent.contains("\n.It Cm \(subcommand)\n")) }
        // What may be left out is shown left out.
        #expect(parent.contains(".Nm plumb\n.Cm ctr\n.Op Fl o Ar path"))
        #expect(parent.contains(".Xr plumb 1 ,\n.Xr plumb-ctr-device 1 ,\n"))
        for command in commands {
            let name = command.joined(separator: "-")
            let page = try String(decoding: folder.read("man1/plumb-\(name).1"), as: UTF8.self)
            if command.count == 2 {
                #expect(page.contains(".Nm plumb ctr\n.Cm \(command[1])\n") && page.hasSuffix(".Xr plumb-ctr 1\n"))
            }
            let help = try Plumb.run(command + ["--help"], in: folder.url).text
            // Examples before the usage hold other commands' options, too, and so does the usage of a parent.
            let options = help.split(separator: command == ["ctr"] ? "OPTIONS:" : "USAGE:").dropFirst().last ?? ""
            #expect(options.contains("--help"))
            for word in options.split(whereSeparator: { " [],\n".contains($0) }) where word.hasPrefix("--") {
                guard word.dropFirst(2).allSatisfy({ $0.isLetter || $0 == "-" }) else { continue }
                let option = word.dropFirst(2).replacing("-", with: "\\-")
                #expect(page.contains("Fl \\-\(option)"), "\(word) of \(name)")
            }
        }
    }

    @Test(
        "mandoc finds nothing in the manual worse than style",
        .enabled(if: command("mandoc") != nil, "mandoc is not installed"))
    func lint() throws {
        let folder = try TemporaryFolder()
        try #require(Plumb.run(["completions", "man", "-o", "man1"], in: folder.url).status == 0)
        let pages = try folder.names().filter { $0.hasSuffix(".1") }
        let result = try run("mandoc", ["-T", "lint", "-W", "warning"] + pages, in: folder.url)
        #expect(result.status == 0 && result.text.isEmpty, "\(result.text)")
    }
}
