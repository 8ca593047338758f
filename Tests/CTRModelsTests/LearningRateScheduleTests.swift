import Foundation
import Testing

@testable import CTRModels

@Suite struct LearningRateScheduleTests {
    @Test(arguments: LearningRateSchedule.Decay.allCases) func `rates are the plain formula's`(
        decay: LearningRateSchedule.Decay
    ) {
        for (warmup, total) in [(0, 10), (4, 20), (20, 20), (30, 20), (0, 1)] {
            let schedule = LearningRateSchedule(decay, warmupSteps: warmup)
            for step in 0..<25 {
                var expected = 1.0
                if step < warmup {
                    expected = (1 + Double(step)) / Double(warmup)
                } else if decay != .constant {
                    let x = step >= total ? 1 : Double(step - warmup) / Double(total - warmup)
                    expected = decay == .linear ? 1 - x : 0.5 + 0.5 * Foundation.cos(Double.pi * x)
                }
                #expect(abs(schedule.factor(step: step, of: total) - expected) < 1e-12)
            }
        }
    }

    @Test(arguments: LearningRateSchedule.Decay.allCases) func `no step before the last's end stands still`(
        decay: LearningRateSchedule.Decay
    ) {
        let schedule = LearningRateSchedule(decay, warmupSteps: 3)
        let factors = (0..<12).map { schedule.factor(step: $0, of: 12) }
        #expect(factors.allSatisfy { $0 > 0 && $0 <= 1 })
        #expect(factors[2] == 1 && factors[3] == 1)
    }
}
