import Evaluation
import Testing

@Suite("Mean AUC within groups")
struct GroupedAUCTests {
    @Test("is undefined until a group with both classes has ended")
    func undefined() {
        var auc = GroupedAUC()
        auc.endGroup()
        auc.append(1, isPositive: true)
        auc.append(0, isPositive: true)
        auc.endGroup()
        auc.append(0, isPositive: false)
        auc.append(1, isPositive: true)
        #expect(auc.weightedMean == nil)
        #expect(auc.mean == nil)
        auc.endGroup()
        #expect(auc.weightedMean == 1)
        #expect(auc.mean == 1)
    }

    @Test("never compares rows of two groups")
    func apart() {
        var auc = GroupedAUC()
        for level in [0.0, 100, -100] {
            auc.append(level + 1, isPositive: true)
            auc.append(level, isPositive: false)
            auc.endGroup()
        }
        #expect(auc.weightedMean == 1)
    }
}
