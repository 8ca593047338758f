/// The names of a store's files.
enum StoreLayout {
    static let manifest = "manifest.json"
    static let index = "index.arrows"
    static let trainCounts = "train-counts.arrows"

    /// The file of one bucket.
    static func bucket(_ number: Int) -> String { "bucket-\(padded(number)).arrows" }

    /// The file for one bucket's rows that found no room in memory; gone from a finished store.
    static func spill(_ number: Int) -> String { "spill-\(padded(number)).arrows" }

    /// Whether a finished store may hold a file of this name.
    static func isName(_ name: String) -> Bool {
        if [manifest, index, trainCounts].contains(name) { return true }
        guard name.hasPrefix("bucket-"), name.hasSuffix(".arrows") else { return false }
        let digits = name.dropFirst("bucket-".count).dropLast(".arrows".count)
        return digits.count == 4 && digits.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
