import Testing

@testable import LogSynthesis

@Suite("A synthetic log")
struct SyntheticLogTests {
    /// One row as read back.
    private struct Row {
        var user: Int
        var item: Int
        var category: Int
        var time: Int
        var click: Int
        var probability: Double
    }

    private static func settings(_ change: (inout SynthesisSettings) -> Void = { _ in }) -> SynthesisSettings {
        var settings = SynthesisSettings()
        settings.rows = 20_000
        settings.users = 200
        settings.items = 500
        settings.categories = 8
        change(&settings)
        return settings
    }

    private func text(_ settings: SynthesisSettings) throws -> [UInt8] {
        try SyntheticLog(settings).reduce(into: []) { $0 += $1.bytes }
    }

    private func rows(_ settings: SynthesisSettings) throws -> [Row] {
        var settings = settings
        settings.withProbability = true
        let lines = String(decoding: try text(settings), as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "user,item,category,time,click,probability")
        return try lines.dropFirst().map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            try #require(fields.count == 6)
            let numbers = try fields.prefix(5).map { try #require(Int($0)) }
            return Row(
                user: numbers[0], item: numbers[1], category: numbers[2], time: numbers[3], click: numbers[4],
                probability: try #require(Double(fields[5])))
        }
    }

    @Test("is these bytes, on every machine")
    func golden() throws {
        let bytes = try text(Self.settings())
        let head = bytes.split(separator: UInt8(ascii: "\n")).prefix(4).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            head == [
                "user,item,category,time,click", "90,383,3,1704067200,0", "92,166,6,1704067329,0",
                "50,16,6,1704067459,1",
            ])
        // FNV-1a, 64 bits.
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        #expect(hash == 14_168_464_081_205_552_498)
    }

    @Test("is the same for the same seed and another for another")
    func seeds() throws {
        let first = try text(Self.settings())
        #expect(try text(Self.settings()) == first)
        #expect(try text(Self.settings { $0.seed = 2 }) != first)
    }

    @Test("begins with the rows of a shorter one, but for their times")
    func prefix() throws {
        let long = try rows(Self.settings { $0.rows = 30_000 })
        let short = try rows(Self.settings { $0.rows = 9000 })
        for (a, b) in zip(short, long) {
            #expect(a.user == b.user && a.item == b.item && a.click == b.click && a.probability == b.probability)
        }
    }

    @Test(
        "has the rows asked for, whole chunks or not",
        arguments: [0, 1, SyntheticLog.chunkRows, SyntheticLog.chunkRows + 1, 3 * SyntheticLog.chunkRows])
    func count(rows: Int) throws {
        var (told, clicks, text) = (0, 0, "")
        for chunk in try SyntheticLog(Self.settings { $0.rows = rows }) {
            told += chunk.rows
            clicks += chunk.clicks
            text += String(decoding: chunk.bytes, as: UTF8.self)
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == rows + 2)
        #expect(lines.first == "user,item,category,time,click")
        #expect(lines.last == "")
        #expect(told == rows)
        #expect(clicks == lines.filter { $0.hasSuffix(",1") }.count)
    }

    @Test("keeps its ids and times within what the settings say, in order of time")
    func ranges() throws {
        let rows = try rows(Self.settings { $0.days = 2 })
        let times = rows.map(\.time)
        #expect(times == times.sorted())
        #expect(times.first == SyntheticLog.startTime)
        let end = SyntheticLog.startTime + 2 * 86400
        #expect(times.allSatisfy { $0 < end } && (times.last ?? 0) > end - 60)
        #expect(Set(rows.map(\.user)).isSubset(of: Set(1...200)))
        #expect(Set(rows.map(\.item)).isSubset(of: Set(1...500)))
        #expect(Set(rows.map(\.category)) == Set(1...8))
    }

    @Test("tells each click's probability, and the clicks agree with it")
    func probabilities() throws {
        let settings = Self.settings()
        let population = try SyntheticPopulation(settings)
        let rows = try rows(settings)
        for row in rows.prefix(300) {
            #expect(row.category == population.category(ofItem: row.item))
            let probability = population.clickProbability(ofUser: row.user, item: row.item)
            #expect(abs(row.probability - probability) <= 5.1e-7)
        }
        // By tenths of probability: clicks against their sum, in standard deviations.
        for tenth in 0..<10 {
            let some = rows.filter { Int($0.probability * 10) == tenth }
            let expected = some.reduce(0) { $0 + $1.probability }
            let variance = some.reduce(0) { $0 + $1.probability * (1 - $1.probability) }
            let clicks = Double(some.reduce(0) { $0 + $1.click })
            #expect(abs(clicks - expected) < 4 * variance.squareRoot() + 1e-9, "\(tenth)")
        }
    }

    @Test("has users as active, items as popular and clicks as frequent as its truth says")
    func agreesWithTruth() throws {
        let settings = Self.settings { $0.rows = 60_000 }
        let population = try SyntheticPopulation(settings)
        let rows = try rows(settings)
        var users = [Int](repeating: 0, count: settings.users + 1)
        var clicks = users
        var items = [Int](repeating: 0, count: settings.items + 1)
        for row in rows {
            users[row.user] += 1
            clicks[row.user] += row.click
            items[row.item] += 1
        }
        let ranks = 1...settings.users
        let activity = ChiSquare(
            counts: ranks.map { users[population.user(ofActivityRank: $0)] },
            shares: ranks.map(population.activityShare(ofRank:)))
        #expect(activity.cells == settings.users)
        #expect(activity.excess < 4)
        let weights = (1...settings.items).map(population.popularity.weight(ofRank:))
        let popularity = ChiSquare(
            counts: (1...settings.items).map { items[population.item(ofPopularityRank: $0)] },
            shares: weights.map { $0 / weights.reduce(0, +) })
        #expect(popularity.excess < 4)
        // A user's clicks are binomial with the local CTR, for items are drawn anew each time.
        var statistic = 0.0
        for user in ranks {
            let ctr = population.localCTR(ofUser: user)
            let deviation = Double(clicks[user]) - Double(users[user]) * ctr
            statistic += deviation * deviation / (Double(users[user]) * ctr * (1 - ctr))
        }
        let freedom = Double(settings.users)
        #expect(abs(statistic - freedom) < 4 * (2 * freedom).squareRoot())
    }

    @Test("holds no more for a billion users and items than for some thousand")
    func constantMemory() throws {
        let settings = Self.settings { ($0.rows, $0.users, $0.items) = (100, 1_000_000_000, 1_000_000_000) }
        let population = try SyntheticPopulation(settings)
        #expect(InterceptCache(population).capacity == InterceptCache.mostEntries)
        #expect(SyntheticLog(population).reduce(0) { $0 + $1.rows } == 100)
    }
}
