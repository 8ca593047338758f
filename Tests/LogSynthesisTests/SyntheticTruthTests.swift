import Testing

@testable import LogSynthesis

@Suite("The truth's file")
struct SyntheticTruthTests {
    @Test("has every user once, the most active first, with all digits of the truth")
    func rows() throws {
        var settings = SynthesisSettings()
        settings.users = 5000
        settings.items = 100
        settings.globalCTR = 0.2
        let population = try SyntheticPopulation(settings)
        let text = SyntheticTruth(population).reduce(into: "") { $0 += String(decoding: $1, as: UTF8.self) }
        let lines = text.split(separator: "\n")
        #expect(lines.first == "user,local_ctr,drift,logit_drift,activity")
        var users: Set<Int> = []
        var (activity, last) = (0.0, Double.infinity)
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",")
            try #require(fields.count == 5)
            let user = try #require(Int(fields[0]))
            let numbers = try fields.dropFirst().map { try #require(Double($0)) }
            users.insert(user)
            let ctr = population.localCTR(ofUser: user)
            #expect(numbers[0] == ctr)
            #expect(numbers[1] == ctr - 0.2)
            #expect(abs(numbers[2] - (PortableMath.logit(ctr) - PortableMath.logit(0.2))) < 1e-9)
            #expect(numbers[3] <= last * (1 + 1e-9))
            last = numbers[3]
            activity += numbers[3]
        }
        #expect(users == Set(1...5000))
        #expect(lines.count == 5001)
        #expect(abs(activity / 5000 - 1) < 1e-9)
    }
}
