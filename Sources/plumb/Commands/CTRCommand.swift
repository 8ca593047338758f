import ArgumentParser

/// `plumb ctr`: the global CTR and users' drift from it, from a store, from reports of other machines, or from devices.
struct CTRCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctr",
        abstract: "Measure the global CTR and how far users' local CTRs drift from it.",
        usage: """
            plumb ctr <store> [<options>]
            plumb ctr merge <reports> ... [<options>]
            plumb ctr device <store> --clip <n> --epsilon <e> [<options>]
            """,
        discussion: """
            Looks at train parts only. A global CTR of 0 or 1 is an error: there is nothing
            to align labels to.

              plumb ctr store -o ctr.json
              plumb ctr merge north.json south.json -o ctr.json
              plumb ctr device store --clip 100 --epsilon 1 | plumb ctr merge - -o ctr.json

            The word measure may be left out. A store in a folder called measure, merge or
            device is named ./measure, ./merge or ./device.
            """,
        subcommands: [CTRMeasureCommand.self, CTRMergeCommand.self, CTRDeviceCommand.self],
        defaultSubcommand: CTRMeasureCommand.self
    )
}
