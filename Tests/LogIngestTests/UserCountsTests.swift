import LogIngest
import Samples
import Testing

struct UserCountsTests {
    private static let schema = SampleSchema(userKind: .text, features: [], item: nil)

    private static func batch(_ users: [String], _ labels: [Float]) -> SampleBatch {
        SampleBatch(
            schema, users: .text(TextColumn(users)), times: Array(repeating: 0, count: users.count), labels: labels,
            features: [])
    }

    private static func csv(_ counts: UserCounts) -> String { String(decoding: counts.csv(), as: UTF8.self) }

    @Test
    func countsTextKeysAndQuotesThemWhereTheyMustBe() throws {
        var counts = UserCounts(.text)
        #expect(Self.csv(counts) == "user,samples,positives\n")
        try counts.add(Self.batch(["plain", "a,b", "say \"hi\"", "plain", "é"], [1, 0, 1, 0.5, 0.6]))
        try counts.add(
            Self.batch(["two\nlines", "a,b", "cr\r", "a longer key than sixteen bytes", " "], [0, 1, 0, 1, 0]))
        try counts.add(Self.batch(["a longer key than sixteen bytes", "\""], [1, 1]))
        #expect(counts.count == 9)
        #expect(
            Self.csv(counts) == #"""
                user,samples,positives
                plain,2,1
                "a,b",2,1
                "say ""hi""",1,1
                é,1,1
                "two\#nlines",1,0
                "cr\#r",1,0
                a longer key than sixteen bytes,2,2
                 ,1,0
                """",1,1

                """#)
    }

    @Test
    func countsIntegerKeysOfAnySize() throws {
        let schema = SampleSchema(userKind: .integer, features: [], item: nil)
        var counts = UserCounts(.integer)
        var expected: [Int64: Int] = [:]
        var random = SplitMix64(seed: 9)
        for _ in 0..<20 {
            let keys: [Int64] = (0..<500).map { _ in
                [0, -1, .min, .max, Int64(random.below(700)), Int64(random.below(700)) << 40][random.below(6)]
            }
            for key in keys { expected[key, default: 0] += 1 }
            let labels = keys.map { $0 < 0 ? Float(1) : 0 }
            try counts.add(
                SampleBatch(
                    schema, users: .integers(keys), times: Array(repeating: 0, count: 500), labels: labels, features: []
                ))
        }
        #expect(counts.count == expected.count)
        let lines = Self.csv(counts).split(separator: "\n").dropFirst()
        #expect(lines.count == expected.count)
        for line in lines {
            let numbers = line.split(separator: ",").compactMap { Int64($0) }
            #expect(numbers.count == 3 && expected[numbers[0]] == Int(numbers[1]))
            #expect(numbers.count == 3 && numbers[2] == (numbers[0] < 0 ? numbers[1] : 0))
        }
    }
}
