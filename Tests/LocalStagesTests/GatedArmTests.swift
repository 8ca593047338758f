import FineTuning
import LabelCorrection
import Samples
import Testing

@testable import LocalStages

@Suite("The arm corrected_gated")
struct GatedArmTests {
    private static let settings: FineTuningSettings = {
        var settings = FineTuningSettings()
        settings.arms = [.cloud, .corrected, .correctedGated]
        return settings
    }()

    private func predictions(
        _ samples: SampleBatch, _ settings: FineTuningSettings = Self.settings
    ) async throws -> (PredictionBatch, FineTuningReport.Counts) {
        let (batch, report) = try await ScriptedStage().predictions(
            for: ScriptedUsers.stream(samples, rows: 50), settings)
        return (batch, report.counts)
    }

    /// The gated users' samples, validation labels so that tuning made those samples rise whose label is `risen`.
    private func samples(risen: Float) async throws -> SampleBatch {
        var samples = ScriptedUsers.batch(ScriptedStage.gated)
        let (batch, _) = try await predictions(samples)
        let parts = try #require(samples.parts)
        let rows = samples.userRanges.map { range in range.filter { parts[$0] == .validation } }
        for (user, range) in zip(rows, batch.userRanges) {
            let validation = range.filter { batch.parts[$0] == .validation }
            let rises = validation.map { batch.logits(.corrected)[$0] - batch.logits(.cloud)[$0] }
            let median = rises.sorted()[rises.count / 2]
            for (row, rise) in zip(user, rises) { samples.labels[row] = rise >= median ? risen : 1 - risen }
        }
        return samples
    }

    @Test("scores each user as corrected where the gate keeps, as cloud where it does not, and says so")
    func eitherArm() async throws {
        let (batch, counts) = try await predictions(ScriptedUsers.batch(ScriptedStage.gated + ScriptedUsers.corners))
        var kept = 0
        for rows in batch.userRanges {
            let isKept = batch.kept[rows.lowerBound]
            if isKept { kept += 1 }
            #expect(rows.allSatisfy { batch.kept[$0] == isKept })
            let expected = batch.logits(isKept ? .corrected : .cloud)
            #expect(rows.allSatisfy { batch.logits(.correctedGated)[$0] == expected[$0] })
        }
        #expect(kept == counts.kept)
        #expect(counts.users == counts.gateReasons.values.reduce(0, +))
        // Corners have few validation samples, or are not tuned.
        #expect(counts.gateReasons[.fewValidationSamples] == 2 && counts.gateReasons[.notTuned] == 5)
    }

    @Test("keeps weights that rank validation better, and refuses those that rank it worse", arguments: [1, 0])
    func constructed(risen: Float) async throws {
        let (batch, counts) = try await predictions(try await samples(risen: risen))
        #expect(counts.gateReasons == [risen == 1 ? .better : .worse: ScriptedStage.gated.count])
        #expect(counts.kept == (risen == 1 ? ScriptedStage.gated.count : 0))
        #expect(batch.logits(.correctedGated) == batch.logits(risen == 1 ? .corrected : .cloud))
    }

    @Test("never looks at test labels: they change the column of labels and nothing else")
    func test() async throws {
        let samples = ScriptedUsers.batch(ScriptedStage.gated + ScriptedUsers.corners)
        var other = samples
        for row in 0..<other.count where other.parts?[row] == .test { other.labels[row] = 1 - other.labels[row] }
        var settings = FineTuningSettings()
        settings.arms = Arm.allCases
        settings.restoration.rule = .match
        settings.singleClass = .tune
        let (batch, counts) = try await predictions(samples, settings)
        var (otherBatch, otherCounts) = try await predictions(other, settings)
        #expect(otherBatch.labels != batch.labels)
        otherBatch.labels = batch.labels
        #expect(otherBatch == batch)
        #expect(otherCounts == counts)
        // It does look at validation.
        otherCounts = try await predictions(try await self.samples(risen: 0), settings).1
        #expect(otherCounts.gateReasons != counts.gateReasons)
    }

    @Test("with few validation samples, or of one class, does as it is told")
    func standard() async throws {
        var users = ScriptedStage.gated
        for index in users.indices {
            if index % 2 == 0 {
                users[index].validation = Array(users[index].validation.prefix(9))
            } else {
                users[index].validation = [Float](repeating: 1, count: 12)
            }
        }
        for standard in Gate.Default.allCases {
            var settings = Self.settings
            settings.gateDefault = standard
            let (batch, counts) = try await predictions(ScriptedUsers.batch(users), settings)
            #expect(counts.gateReasons == [.fewValidationSamples: 6, .oneClass: 6])
            #expect(batch.logits(.correctedGated) == batch.logits(standard == .tuned ? .corrected : .cloud))
            #expect(batch.kept.allSatisfy { $0 == (standard == .tuned) })
        }
    }

    @Test("does not look at another arm's tuning, and its own does not depend on other arms")
    func apart() async throws {
        let samples = ScriptedUsers.batch(ScriptedStage.gated)
        var settings = Self.settings
        settings.arms = [.correctedGated]
        let (alone, aloneCounts) = try await predictions(samples, settings)
        settings.arms = Arm.allCases
        let (all, allCounts) = try await predictions(samples, settings)
        #expect(alone.logits(.correctedGated) == all.logits(.correctedGated))
        #expect(alone.kept == all.kept && aloneCounts.gateReasons == allCounts.gateReasons)
    }
}
