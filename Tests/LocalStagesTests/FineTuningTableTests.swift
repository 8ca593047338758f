import FineTuning
import Foundation
import LabelCorrection
import OrderedJSON
import Samples
import Testing

@testable import LocalStages

@Suite("The users' table and the timings of finetune")
struct FineTuningTableTests {
    private static let users = ScriptedStage.gated + ScriptedUsers.corners

    private func settings() -> FineTuningSettings {
        var settings = FineTuningSettings()
        settings.arms = [.itemMean, .finetuned, .correctedBy(.reweight), .correctedPrior, .correctedGated]
        settings.singleClass = .tune
        return settings
    }

    private func table(threads: Int) async throws -> (String, PredictionBatch, FineTuningReport) {
        let scripted = try await ScriptedStage()
        let path = scripted.folder.path + "/users.csv"
        let (batch, report) = try await scripted.predictions(
            for: ScriptedUsers.stream(Self.users, rows: 30), settings(), threads: threads, table: path)
        return (try String(contentsOfFile: path, encoding: .utf8), batch, report)
    }

    @Test("holds a line a user, in the stream's order, that adds up with the account")
    func account() async throws {
        let (text, batch, report) = try await table(threads: 2)
        let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let names = [
            "user", "train_samples", "train_positives", "validation_samples", "test_samples", "local_ctr", "drift",
            "outcome", "loss_before_finetuned", "loss_after_finetuned", "loss_before_corrected_reweight",
            "loss_after_corrected_reweight", "loss_before_corrected", "loss_after_corrected",
            "gate_loss_cloud", "gate_loss_tuned", "kept", "reason",
        ]
        #expect(lines[0].map(String.init) == names)
        let rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0.map(String.init))) }
        #expect(rows.compactMap { $0["user"].flatMap(Int64.init) } == Self.users.map(\.key))
        let counts = report.counts
        #expect(rows.count == counts.users)
        #expect(rows.count { $0["kept"] == "true" } == counts.kept)
        for outcome in UserOutcome.allCases {
            #expect(rows.count { $0["outcome"] == outcome.rawValue } == counts[outcome])
        }
        for (reason, number) in counts.gateReasons {
            #expect(rows.count { $0["reason"]?.hasPrefix(reason.rawValue) == true } == number)
        }
        #expect(rows.contains { $0["reason"] == "not tuned: without train" })
        let evaluated = rows.reduce(0) {
            $0 + (Int($1["validation_samples"] ?? "") ?? 0) + (Int($1["test_samples"] ?? "") ?? 0)
        }
        #expect(evaluated == batch.count)
        for (row, user) in zip(rows, Self.users) {
            #expect(row["train_samples"] == String(user.train.count))
            #expect(row["train_positives"] == String(user.train.count { $0 == 1 }))
            let isTuned = ["tuned", "undefined correction"].contains(row["outcome"])
            #expect((row["loss_before_finetuned"] != "") == isTuned)
            // The method in the middle has no formula for some: the losses behind it stay in their place.
            #expect((row["loss_after_corrected_reweight"] != "") == (row["outcome"] == "tuned"))
            #expect((row["loss_after_corrected"] != "") == isTuned)
            // One pass of small steps from the start of a model makes the loss smaller.
            if let before = row["loss_before_finetuned"].flatMap(Double.init) {
                let after = try #require(row["loss_after_finetuned"].flatMap(Double.init))
                #expect(before > 0 && after > 0 && after < before)
            }
            let compared = ["better", "worse", "not worse"].contains(row["reason"])
            #expect((row["gate_loss_cloud"] != "") == compared)
            if compared, let cloud = row["gate_loss_cloud"].flatMap(Double.init) {
                let tuned = try #require(row["gate_loss_tuned"].flatMap(Double.init))
                #expect((tuned < cloud + Gate.tolerance) == (row["kept"] == "true"))
            }
        }
    }

    @Test("is the same for any number of threads, as are the predictions, which are the same without it")
    func threads() async throws {
        let one = try await table(threads: 1)
        for threads in [2, 16] {
            let many = try await table(threads: threads)
            #expect(many.0 == one.0)
            #expect(many.1 == one.1)
            #expect(many.2.counts == one.2.counts)
        }
        let plain = try await ScriptedStage().predictions(
            for: ScriptedUsers.stream(Self.users, rows: 30), settings(), threads: 2)
        #expect(plain.0 == one.1)
    }

    @Test("timings count every user, and read back")
    func timings() async throws {
        let timings = FineTuningTimings()
        let (_, report) = try await ScriptedStage().predictions(
            for: ScriptedUsers.stream(Self.users, rows: 30), settings(), threads: 2, timings: timings)
        let json = timings.json(report.counts, threads: 2, seconds: 0.5)
        let document = try JSONNode(JSONValue(String(decoding: json, as: UTF8.self)))
        #expect(try document.member("users").value == .integer(Int128(Self.users.count)))
        #expect(try document.member("tuned").value == .integer(Int128(report.counts[.tuned])))
        #expect(try document.member("threads").value == .integer(2))
        #expect(try document.member("users_per_second").value == .number(Double(Self.users.count) / 0.5))
        let micros = try document.member("user_microseconds")
        let values = try ["p50", "p90", "p99", "max"].map { name -> Double in
            guard case .number(let value) = try micros.member(name).value else { return -1 }
            return value
        }
        #expect(values == values.sorted() && values[0] > 0)
    }

    @Test("quantiles of durations are exact to one part in 32")
    func quantiles() throws {
        var histogram = DurationHistogram()
        #expect(histogram.quantile(0.5) == nil && histogram.mean == nil)
        let durations = (1...5000).map { $0 * $0 % 90_001 + $0 }
        var halves = (DurationHistogram(), DurationHistogram())
        for (index, duration) in durations.enumerated() {
            if index % 3 == 0 { halves.0.add(nanoseconds: duration) } else { halves.1.add(nanoseconds: duration) }
        }
        histogram.add(halves.0)
        histogram.add(halves.1)
        let sorted = durations.sorted()
        #expect(histogram.count == 5000 && histogram.longest == sorted.last)
        #expect(histogram.mean == Double(durations.reduce(0, +)) / 5000)
        for share in [0.0001, 0.01, 0.5, 0.9, 0.99, 1] {
            let exact = sorted[max(0, Int((share * 5000).rounded(.up)) - 1)]
            let found = try #require(histogram.quantile(share))
            #expect(found >= exact && Double(found) <= Double(exact) * (1 + 1.0 / 32) + 1)
        }
    }

    @Test("items seen are those of the train part, whatever was seen before")
    func seenItems() {
        var seen = SeenItems()
        for count in [0, 1, 2, 7, 500, 3] {
            let items = (0..<count).map { UInt32($0 * $0 * 7919 % 100_003) }
            seen.assign(items[...])
            for item in 0..<UInt32(2000) { #expect(seen.contains(item) == (item != 0 && items.contains(item))) }
            for item in items where item != 0 { #expect(seen.contains(item)) }
        }
    }
}
