extension SettingsReader {
    /// The path to open for what `key` is set to. The file's own paths start at its folder; those of flags and the
    /// environment, absolute ones and standard input are as they stand.
    func opened(_ path: String, key: String, folder: String) -> String {
        path == "-" || path.hasPrefix("/") || isOverridden(key) ? path : folder + path
    }
}
