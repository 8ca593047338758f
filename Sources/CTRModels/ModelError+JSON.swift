import OrderedJSON

extension ModelError {
    /// An error in a JSON document that errors call `what`.
    init(_ code: Code, _ error: JSONError, in what: String) {
        if let offset = error.byteOffset {
            self.init(code, "\(what) is not JSON: \(error.message) (byte \(offset))")
        } else {
            self.init(code, error.message)
        }
    }
}
