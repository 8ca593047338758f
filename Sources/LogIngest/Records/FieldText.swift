/// Text from a log as it stands in messages.
enum FieldText {
    /// `bytes` between backticks, control characters escaped, long text cut.
    static func quoted(_ bytes: some Sequence<UInt8>) -> String {
        var text = "`"
        var kept = Array(bytes.prefix(mostBytes + 1))
        let isCut = kept.count > mostBytes
        if isCut { kept.removeLast() }
        for character in String(decoding: kept, as: UTF8.self).unicodeScalars {
            text +=
                character.properties.generalCategory == .control ? character.escaped(asASCII: false) : String(character)
        }
        return text + (isCut ? "…`" : "`")
    }

    private static let mostBytes = 60
}
