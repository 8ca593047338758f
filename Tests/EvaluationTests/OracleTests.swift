import Samples
import Testing

@testable import Evaluation

@Suite("Metrics beside scikit-learn's")
struct OracleTests {
    @Test("agree to 1e-9 on random and adversarial rows", arguments: try OracleCase.all())
    func agreement(_ oracle: OracleCase) throws {
        let metrics = try oracle.scoredRows().evaluated()
        let expected = oracle.expected
        #expect(metrics.scope.samples == expected.samples)
        #expect(metrics.scope.positives == expected.positives)
        #expect(metrics.scope.users.evaluated == expected.evaluated)
        #expect(metrics.scope.users.singleClass == expected.single_class)
        let arm = try #require(metrics.arms.first)
        expectEqual(arm.auc, expected.auc, .auc)
        expectEqual(arm.gauc, expected.gauc, .gauc)
        expectEqual(arm.averageAUC, expected.avg_auc, .averageAUC)
        expectEqual(arm.logLoss, expected.logloss, .logLoss)
        if expected.clipped == 0 {
            expectEqual(arm.logLoss, expected.logloss_sklearn, .logLoss)
        } else {
            // scikit-learn counts a wrong logit of 40 as 36.04.
            #expect(try #require(arm.logLoss) > expected.logloss_sklearn + 1e-3)
        }
        expectEqual(arm.pcoc, expected.pcoc, .pcoc)
        expectEqual(arm.ece, expected.ece, .ece)
        expectEqual(arm.userRCE, expected.user_rce, .userRCE)
        #expect(metrics.scope.lists == expected.lists)
        expectEqual(arm.ndcg, expected.ndcg, .ndcg)
        expectEqual(arm.hitRate, expected.hit_rate, .hitRate)
    }

    @Test("are held against rows that scikit-learn clips, too")
    func clippedCases() throws {
        #expect(try OracleCase.all().contains { $0.expected.clipped > 0 })
    }

    /// Within 1e-9, relative to numbers above 1; undefined only where the other is.
    private func expectEqual(_ ours: Double?, _ theirs: Double?, _ metric: Metric) {
        guard let ours, let theirs else {
            #expect(ours == nil && theirs == nil, "\(metric.title)")
            return
        }
        #expect(abs(ours - theirs) <= 1e-9 * max(1, abs(theirs)), "\(metric.title): \(ours), scikit-learn \(theirs)")
    }
}
