/// Options that may stand alone or name a mode, as in `--progress` and `--progress log`.
///
/// ArgumentParser 1.8 takes whatever word follows such an option for its mode, a file's name too, and drops a mode that is
/// attached by `=` if another option follows. So the mode is always written out for it.
enum ModeOptions {
    /// The options with the modes that may follow them, first the one that the option alone means.
    private static let modes = [
        "--progress": [ReportOptions.ProgressMode.line, .log].map(\.rawValue),
        "--print-config": [ConfigForm.origins, .values].map(\.rawValue),
    ]

    /// The arguments with every such option followed by its mode as a word of its own.
    static func spelledOut(_ arguments: some Collection<String>) -> [String] {
        var result: [String] = []
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            if argument == "--" { return result + [argument] + rest }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let known = modes[parts[0]] else {
                result.append(argument)
                continue
            }
            result.append(parts[0])
            if parts.count == 2 {
                result.append(parts[1])
            } else if !known.contains(rest.first ?? "") {
                result.append(known[0])
            }
        }
        return result
    }
}
