/// One command's page in mdoc, the language of BSD manuals, which both mandoc and groff read.
struct ManualPage {
    private var lines: [String] = []

    /// The page of a command, which refers to others by name.
    init(_ command: CommandTable.Command, seeAlso: [String], version: String) {
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        let isRoot = command.superCommands == nil
        // Without a date of its own, as the same build gives the same bytes: the reader's program fills it in.
        lines = [".Dd $Mdocdate$", ".Dt \(command.fullName.uppercased()) 1", ".Os plumb \(version)"]
        section("NAME")
        lines += [".Nm \(command.fullName)", ".Nd \(Self.withoutStop(command.abstract ?? ""))"]
        section("SYNOPSIS")
        if let standard = command.standard {
            synopsis(command, (standard.arguments ?? []).filter(\.shouldDisplay), takesCommand: false)
        }
        synopsis(command, arguments, takesCommand: !command.shownSubcommands.isEmpty)
        if let discussion = command.discussion {
            section("DESCRIPTION")
            paragraphs(discussion)
        }
        if !command.shownSubcommands.isEmpty {
            section("COMMANDS")
            list(command.shownSubcommands) { subcommand in
                (".It Cm \(Self.escaped(subcommand.commandName))", subcommand.abstract)
            }
        }
        for title in Self.titles(arguments) {
            section(title?.uppercased() ?? (isRoot ? "OPTIONS" : "ARGUMENTS AND OPTIONS"))
            list(arguments.filter { $0.sectionTitle == title }) { (Self.item($0), Self.meaning($0)) }
        }
        section("SEE ALSO")
        let sorted = seeAlso.sorted()
        for (index, name) in sorted.enumerated() {
            lines.append(".Xr \(name) 1\(index < sorted.count - 1 ? " ," : "")")
        }
    }

    /// The page as a file.
    var text: String { lines.joined(separator: "\n") + "\n" }

    // MARK: Sections

    private mutating func section(_ title: String) { lines.append(".Sh \(title)") }

    private mutating func synopsis(
        _ command: CommandTable.Command, _ arguments: [CommandTable.Argument], takesCommand: Bool
    ) {
        lines.append(".Nm \((command.superCommands ?? [command.commandName]).joined(separator: " "))")
        if command.superCommands != nil { lines.append(".Cm \(Self.escaped(command.commandName))") }
        if takesCommand { lines += [".Ar command", ".Op Ar ..."] }
        for argument in arguments where argument.kind != .positional {
            let spelled = Self.spelled(argument, all: false)
            lines.append(argument.isOptional ? ".Op \(spelled)" : ".\(spelled)")
        }
        for argument in arguments where argument.kind == .positional {
            let spelled = Self.spelled(argument, all: false) + (argument.isRepeating ? " ..." : "")
            lines.append(argument.isOptional ? ".Op \(spelled)" : ".\(spelled)")
        }
    }

    /// Text with what is indented as it stands.
    private mutating func paragraphs(_ text: String) {
        var isLiteral = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("  ") != isLiteral {
                isLiteral.toggle()
                lines.append(isLiteral ? ".Bd -literal -offset indent" : ".Ed")
            }
            if isLiteral { lines.append(Self.escaped(line.drop { $0 == " " })) } else { lines += Self.wrapped(line) }
        }
        if isLiteral { lines.append(".Ed") }
    }

    private mutating func list<Element>(_ elements: [Element], _ item: (Element) -> (head: String, text: String?)) {
        lines.append(".Bl -tag -width Ds")
        for element in elements {
            let (head, text) = item(element)
            lines.append(head)
            if let text { lines += Self.wrapped(text) }
        }
        lines.append(".El")
    }

    // MARK: Options

    /// The titles of groups of options, in order; nil for those without.
    private static func titles(_ arguments: [CommandTable.Argument]) -> [String?] {
        arguments.map(\.sectionTitle).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func item(_ argument: CommandTable.Argument) -> String { ".It \(spelled(argument, all: true))" }

    /// `Fl o Ar path , Fl \-output Ar path`, or the shortest of these alone.
    private static func spelled(_ argument: CommandTable.Argument, all: Bool) -> String {
        let name = "Ar \(escaped(argument.valueName ?? "value"))"
        if argument.kind == .positional { return name }
        let value = argument.kind == .flag ? "" : argument.mayStandAlone ? " Oo \(name) Oc" : " \(name)"
        let names = (argument.names ?? []).sorted { $0.name.count < $1.name.count }
        let spelled = names.map { "Fl \($0.kind == .long ? "\\-" : "")\(escaped($0.name))\(value)" }
        return all ? spelled.joined(separator: " , ") : spelled.first ?? ""
    }

    /// The help with the values there are and the default.
    private static func meaning(_ argument: CommandTable.Argument) -> String {
        var parts = [argument.abstract ?? ""]
        if let values = argument.allValues, !values.isEmpty {
            parts.append("One of \(values.joined(separator: ", ")).")
        }
        if let standard = argument.defaultValue {
            parts.append(argument.mayStandAlone ? "Alone it means '\(standard)'." : "Default: \(standard).")
        }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    // MARK: Text

    private static func withoutStop(_ text: String) -> String {
        let line = text.last == "." ? String(text.dropLast()) : text
        return escaped(line)
    }

    /// A line of text: backslashes are not commands, nor is a dot or quote at its start.
    private static func escaped(_ text: some StringProtocol) -> String {
        let safe = text.map { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : String($0) }.joined()
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }

    /// Text in lines of at most 80 characters, each sentence on lines of its own, as mdoc wants it.
    private static func wrapped(_ text: some StringProtocol) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ").map({ escaped($0) }) {
            if !line.isEmpty && line.count + word.count >= 80 {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? word : " " + word
            if word.hasSuffix(".") {
                lines.append(line)
                line = ""
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
