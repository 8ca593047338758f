import Foundation
import Testing

@testable import Evaluation

@Suite("Wilcoxon's signed-rank test")
struct SignedRankTestTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let differences: [Double]
        let p: Double
        var testDescription: String { name }

        static func all() throws -> [Case] {
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
            return try JSONDecoder().decode(
                [Case].self, from: Data(contentsOf: folder.appending(path: "Fixtures/signed-rank.json")))
        }
    }

    @Test("gives scipy's probability, counted out or by the normal distribution", arguments: try Case.all())
    func oracle(_ known: Case) throws {
        let p = try #require(SignedRankTest(known.differences).p)
        #expect(abs(p - known.p) <= 1e-12 * max(known.p, 1e-3))
        let turned = SignedRankTest(known.differences.map { -$0 })
        #expect(turned.p == p)
    }

    @Test("has nothing to say where nothing differs")
    func zeros() {
        #expect(SignedRankTest([]).p == nil)
        #expect(SignedRankTest([0, 0, -0.0]).p == nil)
        #expect(SignedRankTest([0, 2]).count == 1)
    }

    @Test("Holm's rule multiplies the smallest by the number of tests, and never turns their order around")
    func holm() {
        #expect(holmAdjusted([0.01, nil, 0.04, 0.03]) == [0.03, nil, 0.06, 0.06])
        #expect(holmAdjusted([0.5, 0.9]) == [1, 1])
        #expect(holmAdjusted([nil]) == [nil])
        #expect(holmAdjusted([]) == [])
    }
}
