/// The names of a store's files.
enum StoreLayout {
    static let manifest = "manifest.json"
    static let index = "index.arrows"
    static let trainCounts = "train-counts.arrows"

    /// The file of one bucket.
    static func bucket(_ number: Int) -> String {
        let digits = String(number)
        return "bucket-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".arrows"
    }

    /// A file that is gone from a finished store.
    static func temporary(_ purpose: String) -> String { "\(purpose).temporary" }

    /// Whether a finished store may hold a file of this name.
    static func isName(_ name: String) -> Bool {
        if [manifest, index, trainCounts].contains(name) { return true }
        guard name.hasPrefix("bucket-"), name.hasSuffix(".arrows") else { return false }
        let digits = name.dropFirst("bucket-".count).dropLast(".arrows".count)
        return digits.count == 4 && digits.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// Whether a file is one of those that `temporary` names.
    static func isTemporary(_ name: String) -> Bool { name.hasSuffix(".temporary") }
}
