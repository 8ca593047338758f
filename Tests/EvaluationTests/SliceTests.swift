import ByteStreams
import Samples
import Testing

@testable import Evaluation

@Suite("Slices and comparisons")
struct SliceTests {
    /// Users with all kinds of train parts and two arms, the second better for users below the global CTR alone.
    private static func batch(
        _ seed: UInt64 = 1, users: Int = 80, heldOut: (Int) -> Bool? = { _ in nil }
    ) -> PredictionBatch {
        var random = SplitMix64(seed: seed)
        var schema = ScoredRows.schema(users: users, arms: ["cloud", "finetuned", "corrected"], globalCTR: 0.5)
        schema.marksHeldOut = heldOut(0) != nil
        var batch = PredictionBatch(schema)
        var keys: [Int64] = []
        for user in 0..<users {
            let train = user % 10 == 0 ? 0 : 4 + user % 30
            let positives = user % 10 == 1 ? 0 : user % 10 == 2 ? train : train * (user % 7 + 1) / 9
            for row in 0..<(3 + Int(random.next() % 20)) {
                keys.append(Int64(user))
                batch.times.append(Int64(row))
                batch.labels.append(random.uniform() < 0.4 ? 1 : 0)
                batch.parts.append(.test)
                batch.items.append(UInt32(row + 1))
                batch.trainSamples.append(UInt32(train))
                batch.trainPositives.append(UInt32(positives))
                batch.itemSeen.append(random.uniform() < 0.3)
                batch.kept.append(true)
                if let isHeldOut = heldOut(user) { batch.heldOut?.append(isHeldOut) }
                let noise = (0..<3).map { _ in random.uniform() }
                let signal = Double(batch.labels[batch.labels.count - 1])
                let isLow = train > 0 && positives * 2 < train
                batch.logits[0].append(noise[0] + 0.2 * signal)
                batch.logits[1].append(noise[1] + 0.2 * signal)
                batch.logits[2].append(noise[2] + (isLow ? 3 : 0.2) * signal)
            }
        }
        batch.users = .integers(keys)
        return batch
    }

    @Test("divide all users up, each into one part")
    func partition() async throws {
        let run = try await PredictionSource([Self.batch()]).evaluate()
        let bySlicing = Dictionary(grouping: run.users.slices(globalCTR: 0.5), by: \.by)
        #expect(Set(bySlicing.keys) == ["drift", "train samples", "train labels", "items"])
        let trained = (0..<run.users.count).filter { run.users.trainSamples[$0] > 0 }
        #expect(bySlicing["drift"]?.flatMap(\.slice.users).sorted() == trained)
        #expect(bySlicing["train samples"]?.flatMap(\.slice.users).sorted() == trained)
        #expect(bySlicing["train labels"]?.flatMap(\.slice.users).sorted() == Array(0..<run.users.count))
        #expect(
            bySlicing["items"]?.map { $0.slice.sampleCount(in: run.users) }.reduce(0, +) == run.metrics.scope.samples)
        let cold = try #require(bySlicing["train labels"]?.first { $0.name == "no train samples" })
        #expect(cold.slice.users.count == 8)
        // Values rise from part to part, and equal ones stay together.
        let drift = try #require(bySlicing["drift"]).map { part in
            part.slice.users.compactMap { run.users.localCTR($0) }
        }
        for (below, above) in zip(drift, drift.dropFirst()) {
            #expect(try #require(below.max()) < #require(above.min()))
        }
    }

    @Test("have held-out users apart from the others, where there are such")
    func heldOut() async throws {
        let plain = try await PredictionSource([Self.batch()]).evaluate()
        let run = try await PredictionSource([Self.batch { $0 % 3 == 0 }]).evaluate()
        let bySlicing = Dictionary(grouping: run.metrics.slices, by: \.by)
        let cloud = try #require(bySlicing["cloud"])
        #expect(cloud.map(\.name) == ["held-out users", "users it may see"])
        #expect(cloud.map(\.users) == [27, 53])
        #expect(cloud.map(\.samples).reduce(0, +) == run.metrics.scope.samples)
        // A slice is what an evaluation of its users alone gives.
        let batch = Self.batch()
        for (slice, isHeldOut) in zip(cloud, [true, false]) {
            var part = PredictionBatch(batch.schema)
            for rows in batch.userRanges {
                guard case .integer(let user) = batch.users[rows.lowerBound] else { continue }
                if (user % 3 == 0) == isHeldOut { part.append(batch.rows(rows)) }
            }
            let alone = try await PredictionSource([part]).evaluate().metrics
            #expect(slice.arms.map(\.gauc) == alone.arms.map(\.gauc))
            #expect(slice.evaluatedUsers == alone.scope.users.evaluated)
        }
        // All else is as without the mark, and a mark that holds for nobody changes nothing.
        #expect(run.metrics.slices.filter { $0.by != "cloud" } == plain.metrics.slices)
        #expect(try await PredictionSource([Self.batch { _ in false }]).evaluate() == plain)
        #expect(throws: StageError(.data, "the runs hold other rows, users or arms")) {
            try EvaluatedUsers(meanOf: [plain.users, run.users])
        }
    }

    @Test("show a gain where it is, and call what is none noise")
    func verdicts() async throws {
        let metrics = try await PredictionSource([Self.batch(users: 300)]).evaluate().metrics
        func verdict(_ slice: SliceMetrics) -> Evidence.Verdict? {
            slice.comparisons.first { $0.a == "corrected" && $0.b == "finetuned" }?.verdict
        }
        let drift = metrics.slices.filter { $0.by == "drift" }
        #expect(verdict(try #require(drift.first)) == .better)
        #expect(verdict(try #require(drift.last)) == .noise)
        let whole = try #require(
            metrics.comparisons.first { $0.a == "corrected" && $0.b == "finetuned" && $0.metric == .gauc })
        #expect(whole.verdict == .better && whole.evidence.users == metrics.scope.users.evaluated)
        let arms = metrics.arms
        #expect(abs(try #require(whole.difference) - (#require(arms[2].gauc) - #require(arms[1].gauc))) < 1e-12)
        let other = try #require(metrics.comparisons.first { $0.a == "finetuned" && $0.metric == .gauc })
        #expect(other.verdict == .noise)
        for comparison in metrics.comparisons where comparison.metric != .gauc {
            #expect(comparison.evidence.p == nil)
        }
    }

    @Test("of all rows are the metrics of the whole")
    func whole() async throws {
        let run = try await PredictionSource([Self.batch()]).evaluate()
        let everybody = UserSlice(allOf: run.users)
        for (index, arm) in run.metrics.arms.enumerated() {
            for metric in [Metric.logLoss, .gauc, .averageAUC, .userRCE] {
                let mean = try #require(everybody.mean(of: metric, index, in: run.users))
                #expect(abs(mean - (try #require(arm[metric]))) < 1e-12)
            }
        }
    }

    @Test("over seeds take each user's mean, and one seed's are its own")
    func seeds() async throws {
        var runs: [EvaluatedRun] = []
        for seed in [1, 2, 3] as [UInt64] {
            var batch = Self.batch()
            var random = SplitMix64(seed: seed)
            for row in 0..<batch.count { batch.logits[2][row] += random.uniform() }
            var run = try await PredictionSource([batch]).evaluate()
            run.metrics.seed = seed
            runs.append(run)
        }
        let summary = try await RunSummary(over: runs)
        let found = try #require(summary.comparisons.first { $0.a == "corrected" && $0.metric == .gauc })
        let interval = try #require(found.evidence?.interval)
        #expect(interval.contains(try #require(found.difference.mean)))
        #expect(try RunSummary(json: summary.json(), name: "summary.json") == summary)
        let one = try await RunSummary(over: [runs[0]])
        #expect(one.slices == runs[0].metrics.slices)
        #expect(one.comparisons.map(\.evidence) == runs[0].metrics.comparisons.map(\.evidence))
        let mean = try EvaluatedUsers(meanOf: [runs[0].users, runs[0].users])
        #expect(mean == runs[0].users)
        var other = runs[1]
        other.users = try await PredictionSource([Self.batch(5)]).evaluate().users
        #expect(throws: StageError(.data, "the runs hold other rows, users or arms")) {
            try EvaluatedUsers(meanOf: [runs[0].users, other.users])
        }
    }

    @Test("are what a measurement without them leaves out, and all that it does")
    func measured() async throws {
        let whole = try await PredictionSource([Self.batch()]).evaluate()
        var measured = try await PredictionSource([Self.batch()]).measure()
        #expect(measured.metrics.comparisons.isEmpty && measured.metrics.slices.isEmpty)
        measured.metrics.comparisons = whole.metrics.comparisons
        measured.metrics.slices = whole.metrics.slices
        #expect(measured == whole)
    }

    @Test("Shards one after the other are the whole")
    func shards() async throws {
        let batch = Self.batch()
        let whole = try await PredictionSource([batch]).evaluate()
        let cut = batch.userRanges[31].lowerBound
        let parts = [0..<cut, cut..<batch.count].map { PredictionSource([batch.rows($0)]) }
        #expect(try await ChainedSequence(parts).evaluate() == whole)
        await #expect(throws: StageError.self) { try await ChainedSequence([parts[0], parts[0]]).evaluate() }
    }
}

extension PredictionBatch {
    /// Some of the rows.
    fileprivate func rows(_ range: Range<Int>) -> PredictionBatch {
        var result = PredictionBatch(schema)
        result.users.append(contentsOf: range, of: users)
        result.times = Array(times[range])
        result.labels = Array(labels[range])
        result.parts = Array(parts[range])
        result.items = Array(items[range])
        result.trainSamples = Array(trainSamples[range])
        result.trainPositives = Array(trainPositives[range])
        result.itemSeen = Array(itemSeen[range])
        result.kept = Array(kept[range])
        result.heldOut = heldOut.map { Array($0[range]) }
        result.logits = logits.map { Array($0[range]) }
        return result
    }
}
