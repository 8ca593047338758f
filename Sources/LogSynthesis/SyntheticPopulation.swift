public import Samples

/// The truth behind a synthetic log: who its users are and what they like. Holds no user and no item; each is computed from
/// the seed and its id, so the size does not depend on how many there are.
///
/// `P(click | user, item) = sigmoid(intercept(user) + preference(user, category(item)) + appeal(item))`.
public struct SyntheticPopulation: Sendable {
    /// What it is made from.
    public let settings: SynthesisSettings
    let activity: UserActivity
    let popularity: ZipfRanks
    private let userIds: IdPermutation
    private let itemIds: IdPermutation
    private let localCTRs: BetaLogit
    private let traits: ItemTraits
    private let response: CategoryResponse
    private let localCTRKey: UInt64
    private let preferenceKey: UInt64

    /// The population of these settings. Looks at the 2^20 most popular items once, 0.2 µs each.
    ///
    /// Throws `usage` for a setting out of its range.
    public init(_ settings: SynthesisSettings) throws(StageError) {
        try settings.check()
        self.settings = settings
        let seed = settings.seed
        activity = UserActivity(users: settings.users, sigma: settings.activitySigma)
        let popularity = ZipfRanks(count: settings.items, exponent: settings.itemExponent)
        self.popularity = popularity
        userIds = IdPermutation(count: settings.users, seed: seed, .userIds)
        let itemIds = IdPermutation(count: settings.items, seed: seed, .itemIds)
        self.itemIds = itemIds
        localCTRs = BetaLogit(mean: settings.globalCTR, concentration: settings.concentration)
        let traits = ItemTraits(seed: seed, categories: settings.categories, appealSpread: settings.appealSpread)
        self.traits = traits
        localCTRKey = Self.key(seed, .localCTR)
        preferenceKey = Self.key(seed, .preference)
        response = CategoryResponse(
            popularity: popularity, categories: settings.categories, appealSpread: settings.appealSpread,
            preferenceSpread: settings.preferenceSpread
        ) { rank in
            let item = itemIds.id(ofRank: rank - 1)
            return (traits.category(item) - 1, traits.appeal(item))
        }
    }

    static func key(_ seed: UInt64, _ purpose: RandomStream.Purpose) -> UInt64 {
        var random = RandomStream(seed: seed, purpose)
        return random.next()
    }

    /// The user, 1...users, of an activity rank, 1...users; rank 1 is the most active.
    @inline(__always)
    public func user(ofActivityRank rank: Int) -> Int { userIds.id(ofRank: rank - 1) }

    /// Expected share of rows of the user of an activity rank, 1...users.
    public func activityShare(ofRank rank: Int) -> Double { activity.share(ofRank: rank - 1) }

    /// The item, 1...items, of a popularity rank, 1...items; rank 1 is the most popular.
    @inline(__always)
    public func item(ofPopularityRank rank: Int) -> Int { itemIds.id(ofRank: rank - 1) }

    /// The logit of a user's local CTR, kept within that of 1e-6 and of 1 - 1e-6.
    public func localLogit(ofUser user: Int) -> Double {
        var random = RandomStream(localCTRKey, user)
        return min(max(localCTRs.draw(&random), -13.815509557963774), 13.815509557963774)
    }

    /// A user's local CTR: the expected share of clicks over the items as popular as they are.
    public func localCTR(ofUser user: Int) -> Double { PortableMath.sigmoid(localLogit(ofUser: user)) }

    /// The category, 1...categories, of an item.
    @inline(__always)
    public func category(ofItem item: Int) -> Int { traits.category(item) }

    /// What an item adds to the logit of each user's click.
    @inline(__always)
    public func appeal(ofItem item: Int) -> Double { traits.appeal(item) }

    /// What a category, 1...categories, adds to the logit of a user's click.
    @inline(__always)
    public func preference(ofUser user: Int, forCategory category: Int) -> Double {
        let key = RandomStream.hash(preferenceKey, user)
        return settings.preferenceSpread
            * NormalDistribution.quantile(RandomStream.uniform(RandomStream.hash(key, category)))
    }

    /// What a user adds to the logit of each click, so that the expected CTR is the local CTR. Costs some 30 ns a category.
    public func intercept(ofUser user: Int) -> Double {
        let preferences = (1...settings.categories).map { preference(ofUser: user, forCategory: $0) }
        return response.intercept(logit: localLogit(ofUser: user), preferences: preferences)
    }

    /// The probability that a user clicks an item.
    public func clickProbability(ofUser user: Int, item: Int) -> Double {
        clickProbability(ofUser: user, intercept: intercept(ofUser: user), item: item, category: category(ofItem: item))
    }

    @inline(__always)
    func clickProbability(ofUser user: Int, intercept: Double, item: Int, category: Int) -> Double {
        PortableMath.sigmoid(intercept + preference(ofUser: user, forCategory: category) + appeal(ofItem: item))
    }
}
