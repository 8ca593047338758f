import Samples

@testable import Evaluation

/// Cells of a study over random predictions.
enum StudyFixture {
    static let users = 80

    /// One seed's cell: arms whose logits follow the labels by some strength, each in both parts.
    ///
    /// - Parameter strengths: of each arm, on validation and on test.
    static func cell(
        seed: UInt64, _ strengths: KeyValuePairs<String, (validation: Double, test: Double)>,
        userKind: KeyColumn.Kind = .integer
    ) async throws -> StudyCell {
        let arms = strengths.map(\.key)
        let schema = PredictionSchema(
            userKind: userKind, arms: arms, globalCTR: 0.5, seed: seed, users: users,
            fingerprints: ["store": "s", "settings": arms.joined()])
        var batch = PredictionBatch(schema)
        // The rows are those of every cell; only scores differ from seed to seed.
        var rows = SplitMix64(seed: 5)
        batch.users = KeyColumn(userKind)
        for user in 0..<users {
            for row in 0..<24 {
                batch.users.append(userKind == .integer ? .integer(Int64(user)) : .text("u\(user)"))
                batch.times.append(Int64(row))
                batch.labels.append(Bool.random(using: &rows) ? 1 : 0)
                batch.parts.append(row < 8 ? .validation : .test)
                batch.items.append(0)
                batch.trainSamples.append(UInt32(10 + user % 7))
                batch.trainPositives.append(UInt32(user % 10))
                batch.itemSeen.append(row % 3 == 0)
                batch.kept.append(true)
            }
        }
        batch.logits = strengths.map { _, strength in
            var noise = SplitMix64(seed: seed)
            return batch.labels.indices.map { row in
                let pull = batch.parts[row] == .validation ? strength.validation : strength.test
                return Double(batch.labels[row]) * pull + Double.random(in: 0...1, using: &noise)
            }
        }
        let runs = try await PredictionSource([batch]).measure(parts: [.validation, .test])
        return StudyCell(validation: runs[0].metrics, test: runs[1])
    }

    static let seeds: [UInt64] = [1, 2]

    /// The untuned arms of both seeds.
    static func untuned() async throws -> [StudyCell] {
        var cells: [StudyCell] = []
        for seed in seeds {
            cells.append(
                try await cell(seed: seed, ["item_mean": (0.2, 0.2), "cloud": (0.5, 0.5), "cloud_prior": (0.5, 0.5)]))
        }
        return cells
    }

    /// A schedule with arms of these strengths.
    static func schedule(
        _ name: String, finetuned: (Double, Double), corrected: (Double, Double)
    ) async throws -> StudyModel.ScheduleCells {
        var cells: [StudyCell] = []
        for seed in seeds {
            cells.append(
                try await cell(
                    seed: seed + 100,
                    [
                        "finetuned": finetuned, "corrected": corrected, "corrected_prior": corrected,
                        "corrected_gated": corrected, "corrected_additive": finetuned,
                    ]))
            cells[cells.count - 1].test.metrics.seed = seed
            cells[cells.count - 1].validation.seed = seed
        }
        return StudyModel.ScheduleCells(name: name, cells: cells)
    }

    /// A model with two schedules: on validation `soft` is better for raw labels and `hard` for corrected ones; on test it is the
    /// other way round.
    static func model(_ name: String = "lr", threads: Int = 1) async throws -> StudyModel {
        try await StudyModel(
            name: name, untuned: untuned(),
            tuned: [
                schedule("soft", finetuned: (0.9, 0.3), corrected: (0.4, 0.9)),
                schedule("hard", finetuned: (0.4, 0.9), corrected: (0.9, 0.7)),
            ], UserBootstrap(resamples: 100), threads: threads)
    }

    /// Results on two data sets, one left out.
    static func results() async throws -> StudyResults {
        let drift = StudyDrift(
            globalCTR: 0.5, (0..<40).map { StudyDrift.Row(samples: 20, positives: $0 % 21, users: 2) })
        let models = [try await model(), try await model("din")]
        let sets = ["first", "second"].map { name in
            StudyDataSet(
                about: .init(name: name, title: "The \(name) *set*", text: "Of \(name)."), split: "[0.7, 0.1, 0.2]",
                drift: drift, models: models)
        }
        return StudyResults(
            name: "s", seeds: seeds, resamples: 100, corrections: ["rescale", "additive"],
            schedules: [
                .init(name: "soft", optimizer: "SGD", learningRate: 0.01, passes: 1, batchSize: 32),
                .init(name: "hard", optimizer: "Adam", learningRate: 0.001, passes: 5, batchSize: 32),
            ], dataSets: sets,
            leftOut: [.init(about: .init(name: "third", title: "Third", text: ""), file: "no/such.gz")])
    }
}
