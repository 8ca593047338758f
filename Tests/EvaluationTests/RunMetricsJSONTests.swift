import Evaluation
import Samples
import Testing

@Suite("metrics.json")
struct RunMetricsJSONTests {
    private static let metrics = RunMetrics(
        seed: .max,
        scope: EvaluationScope(
            part: .test, globalCTR: 0.1, users: .init(total: 610, evaluated: 585, singleClass: 20, withoutRows: 5),
            samples: 20168, positives: 9812, top: 5, lists: 500),
        arms: [
            ArmMetrics(
                arm: "item_mean", auc: 0.75, gauc: 0.1 + 0.2, averageAUC: 1e-7, logLoss: 0.6931471805599453, pcoc: 1,
                ece: .leastNonzeroMagnitude, userRCE: -0.25, ndcg: 0.5, hitRate: 0.875),
            ArmMetrics(arm: "cloud", logLoss: 1e300),
        ],
        comparisons: [
            ArmComparison(
                a: "cloud", b: "item_mean", metric: .gauc, difference: -0.125,
                evidence: Evidence(users: 585, interval: -0.25 ... -0.0625, p: 0.001, adjustedP: 0.002))
        ],
        slices: [
            SliceMetrics(
                by: "drift", name: "-0.5000 to +0.1000", users: 305, evaluatedUsers: 290, samples: 10000,
                arms: [.init(name: "item_mean", gauc: 0.5), .init(name: "cloud", gauc: nil)],
                comparisons: [
                    ArmComparison(
                        a: "cloud", b: "item_mean", metric: .gauc, difference: nil, evidence: Evidence(users: 1))
                ])
        ])

    private static let text = """
        {
          "seed": 18446744073709551615,
          "part": "test",
          "global_ctr": 0.1,
          "users": {"total": 610, "evaluated": 585, "single_class": 20, "without_test": 5},
          "samples": 20168,
          "positives": 9812,
          "top": 5,
          "lists": 500,
          "arms": {
            "item_mean": {"auc": 0.75, "gauc": 0.30000000000000004, "avg_auc": 1e-07, "logloss": 0.6931471805599453, \
        "pcoc": 1.0, "ece": 5e-324, "user_rce": -0.25, "ndcg": 0.5, "hit_rate": 0.875},
            "cloud": {"auc": null, "gauc": null, "avg_auc": null, "logloss": 1e+300, "pcoc": null, "ece": null, \
        "user_rce": null, "ndcg": null, "hit_rate": null}
          },
          "comparisons": [
            {"a": "cloud", "b": "item_mean", "metric": "gauc", "difference": -0.125, "low": -0.25, "high": -0.0625, \
        "p": 0.001, "p_adjusted": 0.002, "users": 585, "verdict": "worse"}
          ],
          "slices": [
            {
              "by": "drift",
              "name": "-0.5000 to +0.1000",
              "users": {"total": 305, "evaluated": 290},
              "samples": 10000,
              "arms": {
                "item_mean": {"gauc": 0.5},
                "cloud": {"gauc": null}
              },
              "comparisons": [
                {"a": "cloud", "b": "item_mean", "metric": "gauc", "difference": null, "low": null, "high": null, \
        "p": null, "p_adjusted": null, "users": 1, "verdict": "unknown"}
              ]
            }
          ]
        }

        """

    @Test("lists arms in the stream's order, undefined metrics as null")
    func bytes() {
        #expect(String(decoding: Self.metrics.json(), as: UTF8.self) == Self.text)
    }

    @Test("gives the metrics back to the last bit")
    func roundTrip() throws {
        #expect(try RunMetrics(json: Self.metrics.json(), name: "metrics.json") == Self.metrics)
    }

    @Test("tells what the predictions were made from")
    func fingerprints() throws {
        var metrics = Self.metrics
        metrics.fingerprints = ["store": "ab12", "model": "cd34"]
        let text = String(decoding: metrics.json(), as: UTF8.self)
        #expect(text.contains(#""fingerprints": {"model": "cd34", "store": "ab12"},"#))
        #expect(try RunMetrics(json: Array(text.utf8), name: "metrics.json") == metrics)
    }

    @Test("passes over keys that it does not know")
    func unknownKeys() throws {
        let text = Self.text.replacing("\"samples\"", with: "\"notes\": [{}], \"samples\"", maxReplacements: 1)
        #expect(try RunMetrics(json: Array(text.utf8), name: "metrics.json") == Self.metrics)
    }

    @Test(
        "names what has the wrong shape",
        arguments: [
            ("\"seed\": 1", "\"seed\": -1", "seed must be an integer from 0 to 18446744073709551615"),
            ("\"auc\": 0.75,", "", "arms.item_mean.auc is missing"),
            ("\"auc\": 0.75", "\"auc\": \"x\"", "arms.item_mean.auc must be a number or null"),
            ("\"auc\": 0.75", "\"auc\": 1e999", "the number that starts here is out of range"),
            ("\"global_ctr\": 0.1", "\"global_ctr\": null", "global_ctr must be a number"),
            ("\"total\": 610", "\"total\": 6.5", "users.total must be an integer"),
            ("\"total\": 610", "\"total\": -1", "users.total must be an integer from 0 to"),
            ("\"total\": 610", "\"total\": 99999999999999999999", "users.total must be an integer"),
            ("\"part\": \"test\"", "\"part\": \"tset\"", "part must be train, validation or test"),
            ("\"part\": \"test\"", "\"part\": 1", "part must be a text"),
            ("\"metric\": \"gauc\"", "\"metric\": \"gau\"", "comparisons[0].metric must be one of auc, gauc"),
            ("\"low\": -0.25", "\"low\": 0.25", "comparisons[0].low must be at most `high`"),
            ("\"evaluated\": 290", "\"evaluated\": -1", "slices[0].users.evaluated must be an integer from 0"),
        ])
    func wrongShape(_ old: String, _ new: String, _ message: String) throws {
        let text = Self.text.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.text)
        let error = try #require(throws: StageError.self) {
            try RunMetrics(json: Array(text.utf8), name: "seed-1/metrics.json")
        }
        #expect(error.code == .data)
        #expect(error.message.hasPrefix(message))
        #expect(error.position?.file == "seed-1/metrics.json")
    }

    @Test("says at which byte it is no JSON")
    func noJSON() throws {
        let error = try #require(throws: StageError.self) {
            try RunMetrics(json: Array("{\"seed\": 1,}".utf8), name: "metrics.json")
        }
        #expect(error.description == "metrics.json: byte 11: error: a key in quotes is missing here")
    }

    @Test("refuses a document that is no object", arguments: ["[]", "null", "3", "\"arms\"", "{\"arms\": []}"])
    func noObject(_ text: String) {
        #expect(throws: StageError.self) { try RunMetrics(json: Array(text.utf8), name: "metrics.json") }
    }

    @Test("ends with an error, never a trap, at whatever byte it is torn")
    func torn() {
        let bytes = Self.metrics.json()
        for end in 0..<(bytes.count - 2) {
            #expect(throws: StageError.self) { try RunMetrics(json: Array(bytes[..<end]), name: "metrics.json") }
        }
    }
}
