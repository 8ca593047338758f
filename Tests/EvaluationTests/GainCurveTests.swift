import Samples
import Testing

@testable import Evaluation

@Suite("Gains by number of train samples")
struct GainCurveTests {
    /// Users of whom some have no train part; `corrected` ranks better the more samples a user has to learn from.
    private static func users(_ count: Int = 200) async throws -> EvaluatedUsers {
        var rows = ScoredRows.random(seed: 9, users: count, mostRows: 20)
        rows.logits = rows.logits.map { $0 / 4 }
        var batch = rows.batch(schema: ScoredRows.schema(users: count, arms: ["cloud", "finetuned", "corrected"]))
        batch.trainSamples = rows.users.map { UInt32($0 % 23 * 4) }
        for (row, label) in rows.labels.enumerated() {
            batch.logits[2][row] += Double(label) * Double(batch.trainSamples[row]) / 40
        }
        return try await PredictionSource([batch]).measure().users
    }

    private static let pairs = ["corrected", "finetuned", "item_mean"].map { ArmPair(a: $0, b: "cloud") }
    private static let bootstrap = UserBootstrap(resamples: 100)

    @Test("hold each user with a train part and both classes once, and weigh them as GAUC does")
    func parts() async throws {
        let users = try await Self.users()
        let curves = await users.gainCurves(Self.pairs, Self.bootstrap, threads: 1)
        #expect(curves.map(\.pair.a) == ["corrected", "finetuned"])
        let counted = (0..<users.count).filter { users.hasBothClasses($0) && users.trainSamples[$0] > 0 }
        for (curve, arm) in zip(curves, [2, 1]) {
            #expect(curve.points.count == 10)
            #expect(curve.points.reduce(0) { $0 + $1.users } == counted.count)
            for (below, above) in zip(curve.points, curve.points.dropFirst()) {
                #expect(below.range.upperBound < above.range.lowerBound)
            }
            for point in curve.points {
                #expect(point.range.contains(point.median))
                let group = counted.filter { point.range.contains(users.trainSamples[$0]) }
                #expect(point.users == group.count)
                let weight = group.reduce(0) { $0 + users.samples[$1] }
                let sum = group.reduce(0.0) {
                    $0 + Double(users.samples[$1]) * (users.arms[arm].auc[$1] - users.arms[0].auc[$1])
                }
                #expect(abs(point.gain - sum / Double(weight)) < 1e-12)
            }
        }
    }

    @Test("come with the intervals that a slice of the same users has, for any number of threads")
    func intervals() async throws {
        let users = try await Self.users()
        let curves = await users.gainCurves(Self.pairs, Self.bootstrap, threads: 1)
        for curve in curves {
            for point in curve.points {
                let group = (0..<users.count).filter {
                    users.hasBothClasses($0) && point.range.contains(users.trainSamples[$0])
                }
                let found = await users.comparisons(in: UserSlice(group), pooled: nil, Self.bootstrap, threads: 1)
                    .first { $0.a == curve.pair.a && $0.b == "cloud" }
                #expect(found?.difference == point.gain && found?.evidence.interval == point.interval)
                #expect(point.interval?.contains(point.gain) == true)
            }
        }
        #expect(await users.gainCurves(Self.pairs, Self.bootstrap, threads: 3) == curves)
        // What the arm was made to be.
        let gains = try #require(curves.first).points.map(\.gain)
        #expect(try #require(gains.first) + 0.1 < #require(gains.last))
    }

    @Test("are there for one user, without an interval, and not without users or arms")
    func few() async throws {
        let users = try await Self.users(2)
        let curves = await users.gainCurves(Self.pairs, Self.bootstrap, threads: 1)
        // The first of both users has no train part.
        let point = try #require(curves.first?.points.first)
        #expect(point.users == 1 && point.interval == nil && point.range == 4...4 && point.median == 4)
        #expect(await users.gainCurves([ArmPair(a: "x", b: "y")], Self.bootstrap, threads: 1).isEmpty)
        #expect(try await Self.users(1).gainCurves(Self.pairs, Self.bootstrap, threads: 1).isEmpty)
    }
}
