import Samples
import Testing

@testable import LogSynthesis

@Suite("The truth behind a synthetic log")
struct SyntheticPopulationTests {
    private static func settings(_ change: (inout SynthesisSettings) -> Void = { _ in }) -> SynthesisSettings {
        var settings = SynthesisSettings()
        settings.users = 1000
        settings.items = 300
        settings.categories = 4
        change(&settings)
        return settings
    }

    /// The shapes that make expected CTRs hard to get right.
    private static let shapes: [SynthesisSettings] = [
        settings(),
        settings { $0.items = 1 },
        settings { $0.categories = 1 },
        settings { $0.categories = 1000 },
        settings { $0.preferenceSpread = 3 },
        settings { $0.appealSpread = 3 },
        settings { ($0.preferenceSpread, $0.appealSpread) = (0, 0) },
        settings { $0.itemExponent = 3 },
        settings { $0.itemExponent = 0 },
        settings { $0.concentration = 0.1 },
        settings { ($0.concentration, $0.preferenceSpread, $0.appealSpread) = (0.1, 3, 3) },
        settings { $0.globalCTR = 0.001 },
    ]

    /// A user's expected CTR, item by item.
    private func expectedCTR(_ user: Int, _ population: SyntheticPopulation) -> Double {
        var (clicks, total) = (0.0, 0.0)
        for rank in 1...population.settings.items {
            let item = population.item(ofPopularityRank: rank)
            let weight = population.popularity.weight(ofRank: rank)
            clicks += weight * population.clickProbability(ofUser: user, item: item)
            total += weight
        }
        return clicks / total
    }

    @Test("local CTRs are users' expected CTRs over the items, to 5e-5", arguments: shapes)
    func localCTRIsExpectedCTR(_ settings: SynthesisSettings) throws {
        let population = try SyntheticPopulation(settings)
        for user in 1...(settings.categories == 1000 ? 2 : 20) {
            let ctr = population.localCTR(ofUser: user)
            #expect(abs(expectedCTR(user, population) - ctr) < 5e-5, "user \(user), \(ctr)")
        }
    }

    @Test("items that are not looked at one by one count in the proportions of their distributions")
    func tail() throws {
        let settings = Self.settings {
            ($0.items, $0.itemExponent, $0.appealSpread) = (20_000, 0.8, 1)
        }
        let population = try SyntheticPopulation(settings)
        let traits = ItemTraits(seed: settings.seed, categories: 4, appealSpread: 1)
        func response(mostItems: Int) -> CategoryResponse {
            CategoryResponse(
                popularity: population.popularity, categories: 4, appealSpread: 1, preferenceSpread: 1,
                mostItems: mostItems
            ) { rank in
                let item = population.item(ofPopularityRank: rank)
                return (traits.category(item) - 1, traits.appeal(item))
            }
        }
        let (whole, part) = (response(mostItems: 20_000), response(mostItems: 2000))
        for intercept in [-6.0, -2, 0, 1, 5] {
            let preferences = [0.4, -1.1, 2, -0.3]
            let exact = whole.expectedCTR(intercept, preferences).x
            // The tail's items have 42 % of the weight, and the root of their squared shares' sum is 0.0036: two standard
            // deviations, or more.
            #expect(abs(part.expectedCTR(intercept, preferences).x - exact) < 0.0036)
            #expect(part.expectedCTR(intercept, preferences).x != exact)
        }
    }

    @Test("local CTRs have a Beta distribution's mean and variance")
    func localCTRMoments() throws {
        let settings = Self.settings { $0.users = 40_000 }
        let population = try SyntheticPopulation(settings)
        let ctrs = (1...settings.users).map(population.localCTR(ofUser:))
        let mean = ctrs.reduce(0, +) / Double(ctrs.count)
        let variance = ctrs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ctrs.count)
        let expected = 0.3 * 0.7 / 11
        // Standard errors: √(variance/n) = 7e-4, and for a variance about √(2/n) of it, 0.7 %.
        #expect(abs(mean - 0.3) < 4 * 7e-4)
        #expect(abs(variance - expected) < 4 * 0.007 * expected)
    }

    @Test("preferences and appeals have mean 0 and their spreads, and differ by user and category")
    func preferences() throws {
        let settings = Self.settings { ($0.items, $0.preferenceSpread) = (20_000, 1.5) }
        let population = try SyntheticPopulation(settings)
        let preferences = (1...5000).flatMap { user in
            (1...4).map { population.preference(ofUser: user, forCategory: $0) / 1.5 }
        }
        let appeals = (1...20_000).map { population.appeal(ofItem: $0) / 0.5 }
        for values in [preferences, appeals] {
            let mean = values.reduce(0, +) / 20_000
            let variance = values.reduce(0) { $0 + $1 * $1 } / 20_000
            #expect(abs(mean) < 4 * 0.0071)
            #expect(abs(variance - 1) < 4 * 0.01)
            #expect(Set(values).count == values.count)
        }
    }

    @Test("categories are equally likely for an item")
    func categories() throws {
        let settings = Self.settings { ($0.items, $0.categories) = (20_000, 37) }
        let population = try SyntheticPopulation(settings)
        var counts = [Int](repeating: 0, count: 37)
        for item in 1...20_000 { counts[population.category(ofItem: item) - 1] += 1 }
        #expect(ChiSquare(counts: counts, shares: counts.map { _ in 1.0 / 37 }).excess < 4)
    }

    @Test(
        "a setting out of its range is refused by the name of its flag",
        arguments: [
            ("--rows", settings { $0.rows = -1 }), ("--rows", settings { $0.rows = .max }),
            ("--users", settings { $0.users = 0 }), ("--items", settings { $0.items = 1_000_000_001 }),
            ("--categories", settings { $0.categories = 0 }), ("--days", settings { $0.days = 0 }),
            ("--global-ctr", settings { $0.globalCTR = 0 }), ("--global-ctr", settings { $0.globalCTR = .nan }),
            ("--concentration", settings { $0.concentration = -1 }),
            ("--activity-sigma", settings { $0.activitySigma = 3.1 }),
            ("--item-exponent", settings { $0.itemExponent = -.infinity }),
            ("--preference-spread", settings { $0.preferenceSpread = -1 }),
            ("--appeal-spread", settings { $0.appealSpread = 4 }),
        ])
    func faults(_ flag: String, _ settings: SynthesisSettings) {
        let error = #expect(throws: StageError.self) { _ = try SyntheticPopulation(settings) }
        #expect(error?.code == .usage)
        #expect(error?.position?.file == flag)
    }
}
