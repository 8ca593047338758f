import Foundation
import Testing

/// The article shows code of an example that is built and run apart.
@Suite struct TutorialTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func `every listing stands in the example, line by line`() throws {
        let article = try Self.text("Sources/FineTuning/FineTuning.docc/TuneOnAPhone.md")
        let example = try ["LocalSession", "UserLog"].map { name in
            try Self.text("Examples/OnDevice/Sources/OnDevice/\(name).swift")
        }
        let listings = article.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        // The first is a line for a package's manifest.
        #expect(listings.count == 8)
        for listing in listings.dropFirst() {
            #expect(example.contains { $0.contains(listing) }, "\(listing)")
        }
    }
}
