import Foundation

/// Fixtures/scipy.json, which scripts/synth/make_fixtures.py writes.
struct ScipyFixture: Decodable {
    let exponential: [[Double]]
    let logarithm: [[Double]]
    let cumulative: [[Double]]
    let quantile: [[Double]]
    let beta: [BetaCase]
    let activity: [ActivityCase]
    let zipf: [ZipfCase]

    /// A Beta distribution and the edges, as logits, of bins that are equally likely.
    struct BetaCase: Decodable {
        let mean: Double
        let concentration: Double
        let edges: [Double]
    }

    /// The share of rows of each user, the most active first.
    struct ActivityCase: Decodable {
        let users: Int
        let sigma: Double
        let shares: [Double]
    }

    /// The share of rows of each item, the most popular first.
    struct ZipfCase: Decodable {
        let items: Int
        let exponent: Double
        let shares: [Double]
    }

    static func load() throws -> ScipyFixture {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let bytes = try Data(contentsOf: folder.appending(path: "Fixtures/scipy.json"))
        return try JSONDecoder().decode(ScipyFixture.self, from: bytes)
    }
}
