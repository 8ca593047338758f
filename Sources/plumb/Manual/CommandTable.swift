import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The parser's table of commands and options, as it writes it for tools, as far as a manual needs it.
struct CommandTable: Decodable {
    /// The command `plumb`.
    var command: Command

    /// A command with its options and subcommands.
    struct Command: Decodable {
        var commandName: String
        var superCommands: [String]?
        var shouldDisplay: Bool
        var abstract: String?
        var discussion: String?
        var defaultSubcommand: String?
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// The name with those of the commands that it belongs to: `plumb-run`.
        var fullName: String { ((superCommands ?? []) + [commandName]).joined(separator: "-") }

        /// The subcommands that a person is told of.
        var shownSubcommands: [Command] {
            (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
        }

        /// The subcommand that is meant where none is named.
        var standard: Command? { shownSubcommands.first { $0.commandName == defaultSubcommand } }

        /// The command and all below it.
        fileprivate var tree: [Command] { [self] + shownSubcommands.flatMap(\.tree) }
    }

    /// An argument, option or flag.
    struct Argument: Decodable {
        enum Kind: String, Decodable { case positional, option, flag }
        enum NameKind: String, Decodable { case long, short, longWithSingleDash }

        struct Name: Decodable {
            var kind: NameKind
            var name: String
        }

        var kind: Kind
        var shouldDisplay: Bool
        var sectionTitle: String?
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var parsingStrategy: String

        /// Whether the option may stand without its value; the default is then what it means alone.
        var mayStandAlone: Bool { parsingStrategy == "scanningForValue" }
    }

    /// The table of this build.
    static func read() throws -> CommandTable {
        try JSONDecoder().decode(CommandTable.self, from: Data(Plumb._dumpHelp().utf8))
    }

    /// Every page with its file's name, that of `plumb` itself first.
    var manual: [(name: String, text: String)] {
        command.tree.map { page in
            let above = command.tree.filter { $0.shownSubcommands.contains { $0.fullName == page.fullName } }
            let seeAlso = (above + page.shownSubcommands).map(\.fullName)
            return ("\(page.fullName).1", ManualPage(page, seeAlso: seeAlso, version: Plumb.version).text)
        }
    }

    /// The commands that mean one of their subcommands where none is named.
    var commandsWithDefault: [Command] { command.tree.filter { $0.standard != nil } }
}
