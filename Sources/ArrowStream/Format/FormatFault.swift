/// What is wrong with a message's bytes; the decoder adds where it stands and makes a `StageError` of it.
struct FormatFault: Error {
    let text: String

    init(_ text: String) { self.text = text }
}
