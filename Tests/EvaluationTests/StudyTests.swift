import Foundation
import Samples
import Testing

@testable import Evaluation

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("A study's cell")
struct StudyCellTests {
    @Test("is the same when written and read", arguments: [KeyColumn.Kind.integer, .text])
    func roundTrip(_ kind: KeyColumn.Kind) async throws {
        let cell = try await StudyFixture.cell(
            seed: 3, ["cloud": (0.5, 0.5), "corrected_logit-adjust": (0.1, 0.9)], userKind: kind)
        let bytes = cell.arrowStream()
        let read = try StudyCell(arrowStream: bytes, name: "c")
        #expect(read == cell)
        #expect(read.arrowStream() == bytes)
        #expect(read.test.users.count == StudyFixture.users)
        var heldOut = cell
        heldOut.test.users.areHeldOut[3] = true
        #expect(try StudyCell(arrowStream: heldOut.arrowStream(), name: "c") == heldOut)
    }

    @Test("is refused where it is cut off, or of something else")
    func damaged() async throws {
        let cell = try await StudyFixture.cell(seed: 3, ["cloud": (0.5, 0.5)])
        let bytes = cell.arrowStream()
        for count in [0, 10, bytes.count / 2, bytes.count - 1] {
            let error = #expect(throws: StageError.self) {
                try StudyCell(arrowStream: Array(bytes.prefix(count)), name: "c")
            }
            #expect(error?.code == .data && error?.position?.file == "c", "\(count)")
        }
        // No byte makes it trap, whatever it is, nor what is made of it.
        let untuned = try await StudyFixture.cell(seed: 3, ["cloud": (0.5, 0.5), "cloud_prior": (0.5, 0.5)])
        for place in stride(from: 0, to: bytes.count, by: 97) {
            var changed = bytes
            changed[place] ^= 0xFF
            guard let cell = try? StudyCell(arrowStream: changed, name: "c") else { continue }
            _ = try? await StudyModel(
                name: "m", untuned: [untuned], tuned: [.init(name: "s", cells: [cell])], UserBootstrap(resamples: 2),
                threads: 1)
        }
    }

    /// A change that no evaluation makes.
    struct Change: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var make: @Sendable (inout EvaluatedUsers) -> Void
    }

    @Test(
        "is refused where its numbers cannot be those of an evaluation",
        arguments: [
            Change(testDescription: "an AUC beyond 1") { $0.arms[0].auc[2] = 1e308 },
            Change(testDescription: "more positives than samples") { $0.positives[2] = $0.samples[2] + 1 },
            Change(testDescription: "more seen samples than samples") { $0.seenSamples[2] = $0.samples[2] + 1 },
            Change(testDescription: "counts whose sum is too great") { $0.samples = $0.samples.map { _ in 1 << 62 } },
            Change(testDescription: "no samples") { $0.samples[2] = 0 },
            Change(testDescription: "a loss that is too great") { $0.arms[0].loss[1] = 1e300 },
            Change(testDescription: "an influence that is too great") { $0.arms[0].influence[1] = -3 },
            Change(testDescription: "an NDCG beyond the lists") { $0.arms[0].ndcg[1] = Double($0.lists[1]) + 1 },
        ])
    func unsound(_ change: Change) async throws {
        var cell = try await StudyFixture.cell(seed: 3, ["cloud": (0.5, 0.5)])
        change.make(&cell.test.users)
        let error = #expect(throws: StageError.self) { try StudyCell(arrowStream: cell.arrowStream(), name: "c") }
        #expect(error?.message == "its users are not those of its metrics")
    }

    @Test("measures both parts in one pass as each in a pass of its own")
    func parts() async throws {
        var batch = ScoredRows.random(seed: 2, users: 30, mostRows: 12).batch()
        for row in batch.parts.indices where row % 3 == 0 { batch.parts[row] = .validation }
        let both = try await PredictionSource([batch]).measure(parts: [.validation, .test])
        for (part, run) in zip([Part.validation, .test], both) {
            #expect(try await PredictionSource([batch]).measure(EvaluationSettings(part: part)) == run)
        }
    }
}

@Suite("A study's model")
struct StudyModelTests {
    @Test("has its schedules chosen by validation, for each way of labelling its own, and never by test")
    func choices() async throws {
        let model = try await StudyFixture.model()
        #expect(model.choices.map(\.arm) == ["finetuned", "corrected", "corrected_additive"])
        #expect(model.choices.map(\.schedule) == ["soft", "hard", "soft"])
        #expect(model.choices.allSatisfy { $0.gain > 0 })
        // Test says otherwise, so that a choice by test would be found out.
        func test(_ schedule: Int, _ arm: String) throws -> Double {
            try #require(model.schedules[schedule].test.arm(arm)?[.gauc].mean)
        }
        #expect(try test(0, "finetuned") < test(1, "finetuned"))
        #expect(try test(0, "corrected") > test(1, "corrected"))
        // The best table takes each arm from where it was chosen; gate and prior go with `corrected`.
        #expect(try model.best.arm("finetuned")?[.gauc].mean == test(0, "finetuned"))
        for arm in ["corrected", "corrected_prior"] {
            #expect(try model.best.arm(arm)?[.gauc].mean == test(1, "corrected"), "\(arm)")
        }
        #expect(
            model.best.arms.map(\.name) == [
                "item_mean", "cloud", "cloud_prior", "finetuned", "corrected", "corrected_prior", "corrected_gated",
                "corrected_additive",
            ])
    }

    @Test("compares arms of two schedules user by user, as one run of both would")
    func acrossSchedules() async throws {
        let model = try await StudyFixture.model()
        let comparison = try #require(model.best.comparison(StudyFinding.correction, .gauc))
        let interval = try #require(comparison.evidence?.interval)
        let mean = try #require(comparison.difference.mean)
        #expect(interval.contains(mean) && interval.lowerBound > 0)
        #expect(comparison.verdict == .better)
        #expect(!model.best.slices.isEmpty && model.schedules.allSatisfy { $0.test.slices.isEmpty })
    }

    @Test("is the same for any number of threads, and when written and read")
    func roundTrip() async throws {
        let model = try await StudyFixture.model()
        #expect(try await StudyFixture.model(threads: 3) == model)
        let read = try StudyModel(json: model.json(), name: "m")
        #expect(read == model)
        #expect(read.json() == model.json())
        #expect(throws: StageError.self) { try StudyModel(json: Array(model.json().dropLast(30)), name: "m") }
        #expect(throws: StageError.self) { try StudyModel(json: Array("{}".utf8), name: "m") }
    }

    @Test("refuses cells of other seeds, and none at all")
    func refusals() async throws {
        let untuned = try await StudyFixture.untuned()
        let schedule = try await StudyFixture.schedule("s", finetuned: (0.5, 0.5), corrected: (0.5, 0.5))
        let bootstrap = UserBootstrap(resamples: 10)
        var short = schedule
        short.cells.removeLast()
        var swapped = schedule
        swapped.cells.swapAt(0, 1)
        for tuned in [[], [short], [swapped]] {
            await #expect(throws: StageError.self) {
                try await StudyModel(name: "x", untuned: untuned, tuned: tuned, bootstrap, threads: 1)
            }
        }
    }
}

@Suite("A study's drift")
struct StudyDriftTests {
    /// Users with n samples each, whose local CTR is drawn evenly from a range.
    private func rows(_ range: ClosedRange<Double>, samples: Int, users: Int) -> [StudyDrift.Row] {
        var random = SplitMix64(seed: 8)
        return (0..<users).map { _ in
            let ctr = Double.random(in: range, using: &random)
            let positives = (0..<samples).count { _ in Double.random(in: 0..<1, using: &random) < ctr }
            return StudyDrift.Row(samples: samples, positives: positives, users: 1)
        }
    }

    @Test("tells true spread from chance", arguments: [5, 50])
    func spread(_ samples: Int) {
        // An even distribution of width 0.6 has the standard deviation 0.6 / √12.
        let apart = StudyDrift(globalCTR: 0.5, rows(0.2...0.8, samples: samples, users: 20_000))
        #expect(abs(apart.trueSD - 0.6 / 12.squareRoot()) < 0.005)
        #expect(apart.isBeyondChance)
        let alike = StudyDrift(globalCTR: 0.5, rows(0.5...0.5, samples: samples, users: 20_000))
        #expect(alike.trueSD < 0.02 && abs(alike.dispersion - 1) < 0.04)
        #expect(!alike.isBeyondChance)
    }

    @Test("takes users who are alike for no drift where activity is skewed and clicks are rare")
    func skewedActivity() {
        var drifting = 0
        for seed in 0..<200 {
            var random = SplitMix64(seed: UInt64(seed))
            let rows = (0..<400).map { user in
                let samples = user % 2 == 0 ? 2 : 100
                let positives = (0..<samples).count { _ in Double.random(in: 0..<1, using: &random) < 0.02 }
                return StudyDrift.Row(samples: samples, positives: positives, users: 1)
            }
            let counts = rows.reduce((0, 0)) { ($0.0 + $1.samples, $0.1 + $1.positives) }
            if StudyDrift(globalCTR: Double(counts.1) / Double(counts.0), rows).isBeyondChance { drifting += 1 }
        }
        #expect(drifting == 0)
    }

    @Test("has quantiles of users, and counts them")
    func quantiles() {
        let drift = StudyDrift(
            globalCTR: 0.5,
            [.init(samples: 2, positives: 2, users: 1), .init(samples: 4, positives: 1, users: 3)])
        #expect(drift.users == 4 && drift.samples == 14 && drift.singleClass == 1 && drift.medianSamples == 4)
        #expect(drift.quantile(0.5) == -0.25 && drift.quantile(0.75) == -0.25 && drift.quantile(0.76) == 0.5)
        let none = StudyDrift(globalCTR: 0.5, [])
        #expect(none.quantile(0.5) == nil && none.trueSD == 0 && !none.isBeyondChance)
    }
}

@Suite("A study's page")
struct StudyPageTests {
    @Test("answers every question, names what was left out, and shows no number that is none")
    func text() async throws {
        let results = try await StudyFixture.results()
        let page = String(decoding: StudyPage(results, figures: "study").markdown(), as: UTF8.self)
        for title in [
            "In short", "The data", "Does drift exist?", "Does uncorrected fine-tuning hurt, and does correction help?",
            "At which local budget?", "For whom?", "What prior restoration adds", "Other ways of correcting",
            "Where this differs from the paper's abstract", "How it was done",
        ] {
            #expect(page.contains("\n## \(title)\n"), "\(title)")
        }
        #expect(page.contains("Left out: Third") && page.contains("`no/such.gz`"))
        #expect(page.contains("The first \\*set\\*") && !page.contains("The first *set*"))
        #expect(!page.contains("nan") && !page.contains("inf ") && !page.contains("n/a"))
        #expect(try await StudyFixture.results() == results)
    }

    @Test("names for each arm the schedule that gains most on validation, not the one that does on test")
    func budgets() async throws {
        let results = try await StudyFixture.results()
        let page = String(decoding: StudyPage(results, figures: "study").markdown(), as: UTF8.self)
        let line = try #require(page.split(separator: "\n").first { $0.contains("At which local budget?**") })
        #expect(line.ranges(of: "`finetuned` SGD 0.01, 1 pass (").count == 2, "\(line)")
        #expect(line.ranges(of: "`corrected` Adam 0.001, 5 passes (").count == 2, "\(line)")
    }

    @Test("counts in the singular what there is one of")
    func singular() async throws {
        var results = try await StudyFixture.results()
        results.dataSets.removeLast()
        results.schedules.removeLast()
        results.seeds = [7]
        let page = String(decoding: StudyPage(results, figures: "study").markdown(), as: UTF8.self)
        for text in ["1 data set:", "1 local schedule,", "1 seed."] { #expect(page.contains(text), "\(text)") }
    }

    @Test("shows figures that are there and well formed, each once")
    func figures() async throws {
        let page = StudyPage(try await StudyFixture.results(), figures: "study")
        let text = String(decoding: page.markdown(), as: UTF8.self)
        let shown = text.matches(of: #/!\[[^\n]*\]\((?<path>[^)]*)\)/#).map { String($0.output.path) }
        #expect(shown.sorted() == page.figures.map(\.path).sorted() && Set(shown).count == shown.count)
        #expect(shown.count == 8)
        for figure in page.figures {
            let parser = XMLParser(data: Data(figure.bytes))
            #expect(parser.parse(), "\(figure.path): \(String(describing: parser.parserError))")
            let svg = String(decoding: figure.bytes, as: UTF8.self)
            #expect(svg.contains("<title>") && svg.contains("prefers-color-scheme") && !svg.contains("nan"))
        }
    }

    @Test("holds each verdict against all models and questions of its data set")
    func families() async throws {
        let results = try await StudyFixture.results()
        let findings = results.findings
        #expect(findings.count == 2 * 2 * 3)
        for set in 0..<2 {
            let family = findings.filter { $0.dataSet == set }
            let expected = holmAdjusted(
                family.map { finding in
                    results.dataSets[set].models[finding.model].best.comparison(finding.pair, .gauc)?.evidence?.p
                })
            #expect(family.map(\.evidence.adjustedP) == expected)
        }
    }

    @Test("has rows of cells as many as their header")
    func tables() async throws {
        let text = String(
            decoding: StudyPage(try await StudyFixture.results(), figures: "study").markdown(), as: UTF8.self)
        var width: Int?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                width = nil
                continue
            }
            let cells = line.ranges(of: " | ").count
            #expect(width == nil || width == cells, "\(line)")
            width = cells
        }
    }
}
