import ByteStreams
import Foundation
import Samples
import Synchronization
import Testing

@testable import Evaluation

@Suite("Scores beyond memory")
struct PooledScoresTests {
    @Test("give the same bits as those in memory, however few are held", arguments: [1, 2, 7, 64, 1000, 100_000])
    func spilled(_ most: Int) throws {
        let rows = ScoredRows.random(seed: 5, users: 300, mostRows: 12)
        func tally(_ most: Int) throws -> (PooledTally, files: Int) {
            let files = Mutex(0)
            var scores = PooledScores(mostRows: most) { () throws(StageError) in
                files.withLock { $0 += 1 }
                return try ScratchFile(at: FileTree.temporaryFolder + "/plumb-test-\(UUID().uuidString)")
            }
            for row in 0..<rows.count {
                try scores.append(rows.logits[row], user: Int(rows.users[row]), isPositive: rows.labels[row] == 1)
            }
            var tally = PooledTally(positives: scores.positives, negatives: scores.count - scores.positives, users: 300)
            try scores.forEachInOrder { tally.add($0) }
            tally.finish()
            return (tally, files.withLock(\.self))
        }
        let (whole, none) = try tally(.max)
        let (cut, files) = try tally(most)
        #expect(none == 0 && files == (most < rows.count ? 1 : 0))
        #expect(cut.auc == whole.auc && cut.ece == whole.ece && cut.logLoss == whole.logLoss && cut.pcoc == whole.pcoc)
        #expect(cut.influences == whole.influences)
    }

    @Test("An evaluation is the same with little memory as with much")
    func settings() async throws {
        let rows = ScoredRows.random(seed: 6, users: 20_000, mostRows: 12)
        let source = PredictionSource([rows.batch()])
        let much = try await source.evaluate()
        let little = try await source.evaluate(EvaluationSettings(memoryBytes: 1 << 10))
        #expect(much == little)
    }

    @Test("A user's influence is what one more draw of the user adds to the pooled AUC, to first order")
    func influence() throws {
        let rows = ScoredRows.random(seed: 9, users: 400, mostRows: 12)
        func auc(_ rows: ScoredRows) -> (auc: Double, influences: [Double]) {
            var scores = PooledScores(mostRows: .max) { () throws(StageError) in throw StageError(.usage, "no file") }
            for row in 0..<rows.count {
                try? scores.append(rows.logits[row], user: Int(rows.users[row]), isPositive: rows.labels[row] == 1)
            }
            var tally = PooledTally(positives: scores.positives, negatives: scores.count - scores.positives, users: 400)
            try? scores.forEachInOrder { tally.add($0) }
            tally.finish()
            return (tally.auc ?? .nan, tally.influences ?? [])
        }
        let whole = auc(rows)
        #expect(abs(whole.influences.reduce(0, +)) < 1e-12)
        let largest = try #require(whole.influences.map(abs).max())
        for (user, range) in rows.userRanges.enumerated().prefix(60) {
            let again = auc(rows.gathering(Array(0..<rows.count) + Array(range)))
            #expect(abs(again.auc - whole.auc - whole.influences[user]) < 0.02 * largest)
        }
    }
}
