import Samples
import Testing
import UserPartition

@testable import LocalStages

@Suite("Predictions of a store with held-out users")
struct HeldOutPredictionsTests {
    @Test("say of every row what the store's index says of its user, at 1 and 2 threads", arguments: 1...2)
    func marks(threads: Int) async throws {
        let scripted = try await ScriptedStage(buckets: 3, heldOut: HeldOutUsers(millionths: 400_000, seed: 3))
        let index = try scripted.store.users()
        var isHeldOut: [UserKey: Bool] = [:]
        for (user, mark) in index.areHeldOut.enumerated() { isHeldOut[index.users[user]] = mark }
        let (batch, _) = try await scripted.predictions(threads: threads)
        #expect(batch.schema.marksHeldOut)
        let marks = try #require(batch.heldOut)
        #expect(marks == (0..<batch.count).map { isHeldOut[batch.users[$0]] })
        #expect(marks.contains(true) && marks.contains(false))
    }

    @Test("are without the mark where the store has nobody held out")
    func none() async throws {
        let (batch, _) = try await ScriptedStage(buckets: 3).predictions()
        #expect(!batch.schema.marksHeldOut && batch.heldOut == nil)
        #expect(batch.count > 0)
    }
}
