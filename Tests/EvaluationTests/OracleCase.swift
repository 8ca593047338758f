import Foundation
import Testing

/// One case of Fixtures/oracle.json: rows, or the recipe of rows, and what scikit-learn says of them.
struct OracleCase: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    private let rows: ScoredRows?
    private let recipe: Recipe?
    let expected: Expected

    var testDescription: String { name }

    /// The case's rows.
    func scoredRows() throws -> ScoredRows {
        if let rows { return rows }
        return try #require(recipe).rows()
    }

    struct Expected: Decodable, Sendable {
        let samples: Int
        let positives: Int
        let evaluated: Int
        let single_class: Int
        let auc: Double?
        let gauc: Double?
        let avg_auc: Double?
        /// Without clipping.
        let logloss: Double
        let logloss_sklearn: Double
        /// Rows whose loss scikit-learn cuts down to −log 2⁻⁵².
        let clipped: Int
        let pcoc: Double?
        let ece: Double
        let user_rce: Double?
        let ndcg: Double?
        let hit_rate: Double?
        let lists: Int
    }

    /// `generate` of make_oracle.py, operation for operation.
    struct Recipe: Decodable, Sendable {
        let seed: UInt64
        let users: Int
        let most_rows: UInt64
        let levels: Double
        let scale: Double
        let shift: Double
        let base: Double
        let signal: Double

        func rows() -> ScoredRows {
            var random = SplitMix64(seed: seed)
            var rows = ScoredRows(users: [], labels: [], logits: [])
            for user in 0..<users {
                for _ in 0..<(1 + random.next() % most_rows) {
                    var x = random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2
                    if levels != 0 { x = (x * levels).rounded(.down) * (1 / levels) }
                    rows.users.append(Int64(user))
                    rows.logits.append(x * scale + shift)
                    rows.labels.append(random.uniform() < base + signal * x ? 1 : 0)
                }
            }
            return rows
        }
    }

    /// All cases of the fixture.
    static func all() throws -> [OracleCase] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "Fixtures/oracle.json")
        return try JSONDecoder().decode([OracleCase].self, from: Data(contentsOf: file))
    }
}
