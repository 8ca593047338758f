import Samples

extension Range<Int> {
    /// The train rows at the front of one user's rows. Parts follow time, so train rows stand first; throws `data` if the
    /// stream says otherwise.
    func trainRows(_ parts: [Part], user: @autoclosure () -> UserKey) throws(StageError) -> Range<Int> {
        let end = parts[self].firstIndex { $0 != .train } ?? upperBound
        guard !parts[end..<upperBound].contains(.train) else {
            throw StageError(.data, "user \(user()): train samples stand after later parts")
        }
        return lowerBound..<end
    }
}
