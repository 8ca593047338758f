import Evaluation
import Samples
import Testing

@Suite("A summary over seeds")
struct RunSummaryTests {
    static let scope = EvaluationScope(
        part: .test, globalCTR: 0.48, users: .init(total: 610, evaluated: 585, singleClass: 20, withoutRows: 5),
        samples: 20168, positives: 9812)

    /// A run of a seed whose arms have `gauc` as GAUC, one more tenth as AUC, and no other metric.
    static func run(_ seed: UInt64, _ gauc: KeyValuePairs<String, Double?>) -> RunMetrics {
        RunMetrics(
            seed: seed, scope: scope,
            arms: gauc.map { ArmMetrics(arm: $0.key, auc: $0.value.map { $0 + 0.125 }, gauc: $0.value) })
    }

    static func summary() throws -> RunSummary {
        try RunSummary(over: [
            run(7, ["item_mean": 0.5, "cloud": 0.5, "cloud_prior": 0.5, "finetuned": 0.375, "corrected": 0.75]),
            run(.max, ["item_mean": 0.5, "cloud": 0.75, "cloud_prior": 0.75, "finetuned": 0.75, "corrected": 0.875]),
            run(1, ["item_mean": 0.5, "cloud": 0.25, "cloud_prior": 0.25, "finetuned": 0.375, "corrected": 0.625]),
        ])
    }

    @Test("has the mean and the sample deviation of every arm's metrics")
    func spread() throws {
        let summary = try Self.summary()
        #expect(summary.seeds == [7, .max, 1])
        #expect(summary.scope == Self.scope)
        #expect(summary.arms.map(\.name) == ["item_mean", "cloud", "cloud_prior", "finetuned", "corrected"])
        let cloud = summary.arms[1][.gauc]
        #expect(cloud.values == [0.5, 0.75, 0.25])
        #expect(cloud.mean == 0.5)
        #expect(cloud.sd == 0.25)
        #expect(summary.arms[1][.auc].mean == 0.625)
        #expect(summary.arms[0][.gauc].sd == 0)
        #expect(summary.arms[1][.pcoc] == SeedSpread([nil, nil, nil]))
        #expect(summary.arms[1][.pcoc].mean == nil)
    }

    @Test("has no deviation for one seed and no mean where a seed has no value")
    func undefined() throws {
        let one = try RunSummary(over: [Self.run(1, ["cloud": 0.5])]).arms[0][.gauc]
        #expect(one.mean == 0.5 && one.sd == nil && one.values == [0.5])
        let two = try RunSummary(over: [Self.run(1, ["cloud": 0.5]), Self.run(2, ["cloud": nil])]).arms[0][.gauc]
        #expect(two.mean == nil && two.sd == nil && two.values == [0.5, nil])
    }

    @Test("compares the arms that are there, seed by seed")
    func comparisons() throws {
        let comparisons = try Self.summary().comparisons
        #expect(
            comparisons.map { "\($0.a) \($0.b) \($0.metric.rawValue)" } == [
                "finetuned cloud gauc", "finetuned cloud auc", "finetuned cloud logloss", "corrected cloud gauc",
                "corrected cloud auc", "corrected cloud logloss", "corrected finetuned gauc", "corrected finetuned auc",
                "corrected finetuned logloss", "cloud item_mean gauc", "cloud item_mean auc",
                "cloud item_mean logloss", "cloud_prior cloud gauc", "cloud_prior cloud auc",
                "cloud_prior cloud logloss",
            ])
        #expect(comparisons[0].difference.values == [-0.125, 0, 0.125])
        #expect(comparisons[0].difference.mean == 0)
        #expect(comparisons[0].difference.sd == 0.125)
        #expect(try RunSummary(over: [Self.run(1, ["corrected_prior": 0.5, "cloud": 0.5])]).comparisons.isEmpty)
    }

    @Test("refuses runs that do not belong together")
    func mismatches() {
        let run = { (seed: UInt64) in Self.run(seed, ["cloud": 0.5]) }
        #expect(throws: StageError(.data, "there is no run to summarise")) { try RunSummary(over: []) }
        #expect(throws: StageError(.data, "there are two runs of seed 3")) {
            try RunSummary(over: [run(3), run(4), run(3)])
        }
        #expect(throws: StageError(.data, "the runs of seeds 1 and 2 hold different arms")) {
            try RunSummary(over: [run(1), Self.run(2, ["cloud": 0.5, "finetuned": 0.5])])
        }
        var other = run(2)
        other.scope.samples += 1
        #expect(throws: StageError.self) { try RunSummary(over: [run(1), other]) }
        for (name, says) in [("store", "made from different stores"), ("settings", "tuned with different settings")] {
            var (a, b) = (run(1), run(2))
            (a.fingerprints, b.fingerprints) = (["model": "1", name: "3"], ["model": "2", name: "3"])
            #expect(throws: Never.self) { try RunSummary(over: [a, b]) }
            b.fingerprints[name] = "4"
            let error = #expect(throws: StageError.self) { try RunSummary(over: [a, b]) }
            #expect(error?.message.contains(says) == true)
        }
    }

    @Test("is the same when made from metrics.json files")
    func fromFiles() throws {
        let summary = try Self.summary()
        let runs = try summary.seeds.enumerated().map { index, seed in
            let arms = summary.arms.map { arm in
                var metrics = ArmMetrics(arm: arm.name)
                for metric in Metric.allCases { metrics[metric] = arm[metric].values[index] }
                return metrics
            }
            let file = RunMetrics(seed: seed, scope: summary.scope, arms: arms).json()
            return try RunMetrics(json: file, name: "seed-\(seed)/metrics.json")
        }
        #expect(try RunSummary(over: runs).json() == summary.json())
    }

    @Test("has a file that gives it back")
    func roundTrip() throws {
        let summary = try Self.summary()
        #expect(try RunSummary(json: summary.json(), name: "summary.json") == summary)
    }

    @Test("has a file for scripts")
    func json() throws {
        let runs = [Self.run(1, ["cloud": 0.5, "item_mean": 0.25])]
        let expected = """
            {
              "seeds": [1],
              "part": "test",
              "global_ctr": 0.48,
              "users": {"total": 610, "evaluated": 585, "single_class": 20, "without_test": 5},
              "samples": 20168,
              "positives": 9812,
              "top": 10,
              "lists": 0,
              "arms": {
                "cloud": {
                  "auc": {"mean": 0.625, "sd": null, "values": [0.625]},
                  "gauc": {"mean": 0.5, "sd": null, "values": [0.5]},
                  "avg_auc": {"mean": null, "sd": null, "values": [null]},
                  "logloss": {"mean": null, "sd": null, "values": [null]},
                  "pcoc": {"mean": null, "sd": null, "values": [null]},
                  "ece": {"mean": null, "sd": null, "values": [null]},
                  "user_rce": {"mean": null, "sd": null, "values": [null]},
                  "ndcg": {"mean": null, "sd": null, "values": [null]},
                  "hit_rate": {"mean": null, "sd": null, "values": [null]}
                },
                "item_mean": {
                  "auc": {"mean": 0.375, "sd": null, "values": [0.375]},
                  "gauc": {"mean": 0.25, "sd": null, "values": [0.25]},
                  "avg_auc": {"mean": null, "sd": null, "values": [null]},
                  "logloss": {"mean": null, "sd": null, "values": [null]},
                  "pcoc": {"mean": null, "sd": null, "values": [null]},
                  "ece": {"mean": null, "sd": null, "values": [null]},
                  "user_rce": {"mean": null, "sd": null, "values": [null]},
                  "ndcg": {"mean": null, "sd": null, "values": [null]},
                  "hit_rate": {"mean": null, "sd": null, "values": [null]}
                }
              },
              "comparisons": [
                {
                  "a": "cloud",
                  "b": "item_mean",
                  "metric": "gauc",
                  "difference": {"mean": 0.25, "sd": null, "values": [0.25]},
                  "verdict": "unknown"
                },
                {
                  "a": "cloud",
                  "b": "item_mean",
                  "metric": "auc",
                  "difference": {"mean": 0.25, "sd": null, "values": [0.25]},
                  "verdict": "unknown"
                },
                {
                  "a": "cloud",
                  "b": "item_mean",
                  "metric": "logloss",
                  "difference": {"mean": null, "sd": null, "values": [null]},
                  "verdict": "unknown"
                }
              ],
              "slices": []
            }

            """
        #expect(try String(decoding: RunSummary(over: runs).json(), as: UTF8.self) == expected)
    }

    @Test("names a list in its file that is too short")
    func shortValues() throws {
        let text = String(decoding: try Self.summary().json(), as: UTF8.self)
        let torn = text.replacing("\"values\": [0.5, 0.75, 0.25]", with: "\"values\": [0.5, 0.75]", maxReplacements: 1)
        let error = try #require(throws: StageError.self) {
            try RunSummary(json: Array(torn.utf8), name: "summary.json")
        }
        #expect(error.message == "arms.cloud.gauc.values must be one value for each of the seeds")
    }
}
