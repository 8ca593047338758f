import ArgumentParser

/// A shell's completions as ArgumentParser writes them, in which a command that has a default subcommand completes as that one
/// does, too: `plumb ctr` a store and the options of `plumb ctr measure`.
///
/// ArgumentParser 1.8 offers nothing but the names of subcommands there.
struct CompletionScript {
    /// The script.
    private(set) var text: String

    /// The script for a shell.
    init(for shell: CompletionShell) throws {
        text = Plumb.completionScript(for: shell)
        for command in try CommandTable.read().commandsWithDefault {
            let path = (command.superCommands ?? []) + [command.commandName]
            let standard = command.defaultSubcommand ?? ""
            let function = "_" + path.joined(separator: "_")
            switch shell {
            case .bash: completeBash(function, standard, names: command.shownSubcommands.map(\.commandName))
            case .zsh: completeZsh(function, standard)
            default: completeFish(path, standard)
            }
        }
    }

    private mutating func completeBash(_ function: String, _ standard: String, names: [String]) {
        let offer = "COMPREPLY+=($(compgen -W '\(names.joined(separator: " "))' -- \"${cur}\"))\n"
        text = text.replacing(
            offer,
            with: offer + """
                        # What is no subcommand belongs to the default one
                        unparsed_words=("${subcommand}" "${unparsed_words[@]}")
                        \(function)_\(standard)

                """)
    }

    private mutating func completeZsh(_ function: String, _ standard: String) {
        // Only this function's lines: others describe their subcommands in the same words.
        replace(from: "\(function)() {", to: "\n}\n") { body in
            body.replacing(
                "_describe -V subcommand subcommands && ret=0\n",
                with: """
                    _describe -V subcommand subcommands && ret=0
                            \(function)_\(standard) && ret=0

                    """
            ).replacing(
                "\"\(function)_${words[1]}\" && ret=0\n            ;;\n",
                with: """
                    "\(function)_${words[1]}" && ret=0
                                ;;
                            *)
                                words=(\(standard) "${words[@]}")
                                ((CURRENT++))
                                \(function)_\(standard) && ret=0
                                ;;

                    """)
        }
    }

    private mutating func completeFish(_ path: [String], _ standard: String) {
        let margin = String(repeating: "    ", count: path.count)
        replace(from: "\n\(margin)case '\(path[path.count - 1])'\n", to: "\n\(margin)    end\n") { body in
            let parse = body.split(separator: "\n").drop { !$0.hasSuffix("case '\(standard)'") }.dropFirst().first ?? ""
            return body + """

                \(margin)    case '?*'
                \(margin)        set -p unparsed_tokens \(standard)
                \(parse)
                """
        }
        let name = path.joined(separator: " ")
        if !text.hasSuffix("\n") { text += "\n" }
        text += text.split(separator: "\n").filter {
            $0.hasPrefix("complete ") && $0.contains("\"\(name) \(standard)\"")
        }
        .map { $0.replacing("\"\(name) \(standard)\"", with: "\"\(name)\"") + "\n" }
        .joined()
    }

    /// Puts other text in place of that from one mark up to, not including, another.
    private mutating func replace(from start: String, to end: String, with change: (String) -> String) {
        guard let first = text.firstRange(of: start),
            let last = text[first.upperBound...].firstRange(of: end)
        else { return }
        let range = first.lowerBound..<last.lowerBound
        text.replaceSubrange(range, with: change(String(text[range])))
    }
}
