import Samples
import Testing

@testable import UserPartition

@Suite("Splitting one user's samples")
struct SplitTests {
    private let split = Split.fractions(train: 0.7, validation: 0.1, test: 0.2)

    @Test(
        "follows the worked examples",
        arguments: [
            ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 7, 8),
            ([1, 2, 3, 4, 5], 4, 4),
            ([1], 1, 1),
            ([], 0, 0),
            ([1, 2, 3, 4, 5, 6, 6, 6, 9, 10], 8, 8),
            ([1, 2, 3, 4, 5, 6, 6, 8, 8, 10], 7, 9),
            ([1, 2, 3, 4, 5, 6, 7, 7, 7, 7], 6, 10),
            ([5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 10, 10),
        ] as [([Int64], Int, Int)])
    func examples(times: [Int64], trainEnd: Int, validationEnd: Int) {
        #expect(split.parts(times: times) == (trainEnd, validationEnd))
    }

    @Test("rounds exact halves up where binary fractions fall short of them")
    func halves() {
        // 45 · 0.7 is 31.5, but 31.499999999999996 in doubles; 0.7 + 0.1 is not quite 0.8.
        #expect(split.parts(times: Array(0..<45)).trainEnd == 32)
        for count in 2..<2000 {
            let (trainEnd, validationEnd) = split.parts(times: Array(0..<Int64(count)))
            #expect(trainEnd == (count * 7 + 5) / 10)
            #expect(validationEnd == (count * 8 + 5) / 10)
        }
    }

    @Test("leaves nothing over for a part whose share is 0")
    func emptyShares() {
        let thirds = Split.fractions(train: 1.0 / 3, validation: 2.0 / 3, test: 0)
        let (trainEnd, validationEnd) = thirds.parts(times: 0..<900_000)
        #expect(trainEnd == 300_000)
        #expect(validationEnd == 900_000)
        #expect(Split.fractions(train: 1, validation: 0, test: 0).parts(times: 0..<7) == (7, 7))
    }

    /// Every way to lay ties over up to 9 samples, for shares that put the cuts at every distance from each other.
    @Test(
        "never parts equal times, keeps cuts in order, and moves each to the nearer end of its run",
        arguments: [(0.7, 0.1, 0.2), (0.5, 0.0, 0.5), (0.1, 0.8, 0.1), (1.0 / 3, 1.0 / 3, 1.0 / 3), (0.9, 0.1, 0.0)])
    func exhaustive(train: Double, validation: Double, test: Double) throws {
        let split = Split.fractions(train: train, validation: validation, test: test)
        try split.check()
        for count in 2...9 {
            let untied = split.parts(times: 0..<Int64(count))
            for ties in 0..<(1 << (count - 1)) {
                var times: [Int64] = [0]
                for row in 1..<count { times.append(times[row - 1] + Int64((ties >> (row - 1)) & 1)) }
                let cuts = split.parts(times: times)
                #expect(cuts.trainEnd <= cuts.validationEnd)
                for (cut, wanted) in [
                    (cuts.trainEnd, untied.trainEnd), (cuts.validationEnd, untied.validationEnd),
                ] {
                    // The places where a cut parts no tie; the nearest to the one wanted, the later of two.
                    let allowed = (0...count).filter { $0 == 0 || $0 == count || times[$0 - 1] != times[$0] }
                    let best = allowed.min { (abs($0 - wanted), -$0) < (abs($1 - wanted), -$1) }
                    #expect(cut == best, "times \(times)")
                }
            }
        }
    }

    @Test(
        "refuses shares that are negative, not numbers, without train or not 1 together",
        arguments: [(0.7, 0.1, 0.1), (1.2, -0.1, -0.1), (0, 0.5, 0.5), (.nan, 0.5, 0.5), (.infinity, 0, 0)])
    func refusal(train: Double, validation: Double, test: Double) {
        #expect(throws: StageError.self) {
            try Split.fractions(train: train, validation: validation, test: test).check()
        }
    }

    @Test(
        "puts the last samples aside, as the worked examples say",
        arguments: [
            ([1, 2, 3, 4], 2, 3), ([1, 2], 1, 1), ([1, 2, 3, 3, 3], 2, 2), ([1, 1, 1, 4], 3, 3), ([1], 1, 1),
            ([], 0, 0), ([7, 7, 7], 3, 3), ([1, 2, 2, 3], 1, 3),
        ] as [([Int64], Int, Int)])
    func last(times: [Int64], trainEnd: Int, validationEnd: Int) {
        #expect(Split.last(validation: 1, test: 1).parts(times: times) == (trainEnd, validationEnd))
    }

    @Test("puts every sample in the part of its time")
    func dates() {
        let split = Split.dates(validationFrom: 10, testFrom: 20)
        #expect(split.parts(times: [-5, 9, 10, 10, 19, 20, 99]) == (2, 5))
        #expect(split.parts(times: [20]) == (0, 0))
        #expect(split.parts(times: [10, 11]) == (0, 2))
        #expect(split.parts(times: [3]) == (1, 1))
        #expect(Split.dates(validationFrom: 10, testFrom: 10).parts(times: [1, 10, 11]) == (1, 1))
    }

    @Test("cuts the same where times come one after another")
    func streaming() {
        let splits: [Split] = [
            .fractions(train: 0.7, validation: 0.1, test: 0.2), .fractions(train: 0.34, validation: 0.33, test: 0.33),
            .last(validation: 1, test: 1), .last(validation: 3, test: 0), .last(validation: 0, test: 9),
            .dates(validationFrom: 3, testFrom: 5), .dates(validationFrom: -1, testFrom: -1),
        ]
        for count in 0...9 {
            for ties in 0..<(1 << max(0, count - 1)) {
                var times: [Int64] = count > 0 ? [0] : []
                for row in times.count..<max(1, count) where count > 0 {
                    times.append(times[row - 1] + Int64((ties >> (row - 1)) & 1))
                }
                for split in splits {
                    var cuts = SplitCuts(split, count: count)
                    for time in times { cuts.add(time) }
                    #expect(cuts.finish() == split.parts(times: times), "\(split) of \(times)")
                }
            }
        }
    }

    @Test(
        "refuses to put nothing aside, and dates out of order",
        arguments: [
            .last(validation: 0, test: 0), .last(validation: -1, test: 2), .last(validation: 1, test: .max),
            .dates(validationFrom: 2, testFrom: 1),
        ] as [Split])
    func senseless(split: Split) {
        #expect(throws: StageError.self) { try split.check() }
    }
}
