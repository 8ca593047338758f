import ArgumentParser

/// Whether settings are only to be shown.
struct ConfigOptions: ParsableArguments {
    // Text and not `ConfigForm`: an option that may stand alone takes its default for a word that it does not know.
    @Option(
        defaultAsFlag: ConfigForm.origins.rawValue,
        help: ArgumentHelp(
            "Print the settings, with 'origins' (where each came from) or as bare 'values', and do no more.",
            valueName: "form"),
        completion: .list([ConfigForm.origins, .values].map(\.rawValue)))
    var printConfig: String?

    /// The form asked for; nil for none.
    var form: ConfigForm? { printConfig.flatMap(ConfigForm.init) }

    func validate() throws {
        if let printConfig, form == nil {
            throw ValidationError("--print-config takes 'origins' or 'values', not '\(printConfig)'.")
        }
    }
}
