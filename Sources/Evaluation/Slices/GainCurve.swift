/// How an arm's gain in GAUC over another goes with the number of samples that users have to learn from.
struct GainCurve: Sendable, Hashable {
    /// The arms: the gain is that of `a` over `b`.
    let pair: ArmPair
    /// By rising number of train samples.
    let points: [Point]

    /// Users of about the same number of train samples.
    struct Point: Sendable, Hashable {
        /// Their least and greatest number of train samples.
        let range: ClosedRange<Int>
        /// The number of which as many users have more as have fewer.
        let median: Int
        /// How many users.
        let users: Int
        /// The difference of the arms' GAUC over these users.
        let gain: Double
        /// Its interval; nil for one user.
        let interval: ClosedRange<Double>?
    }
}

extension EvaluatedUsers {
    /// Curves of those pairs whose arms are both there, over users with a train part who count for GAUC, in up to `groups` groups
    /// of about equal size; users with the same number of train samples stay together. Empty without such users.
    ///
    /// Cost: O(resamples · users), whatever the number of groups: users are drawn within their group.
    func gainCurves(
        _ pairs: [ArmPair], groups: Int = 10, _ bootstrap: UserBootstrap, threads: Int
    ) async -> [GainCurve] {
        let present = pairs.compactMap { pair -> (pair: ArmPair, a: Int, b: Int)? in
            guard let a = arms.firstIndex(where: { $0.name == pair.a }),
                let b = arms.firstIndex(where: { $0.name == pair.b })
            else { return nil }
            return (pair, a, b)
        }
        let counted = (0..<count).filter { hasBothClasses($0) && trainSamples[$0] > 0 }
        if present.isEmpty || counted.isEmpty { return [] }
        var points: [[GainCurve.Point]] = present.map { _ in [] }
        for part in Self.parts(counted.map { ($0, Double(trainSamples[$0])) }, groups) {
            let slice = UserSlice(part.users)
            let means = UserBootstrap.Means(
                weights: slice.weights(of: .gauc, in: self),
                sums: present.map { pair in
                    zip(slice.sums(of: .gauc, pair.a, in: self), slice.sums(of: .gauc, pair.b, in: self)).map(-)
                })
            let intervals = await bootstrap.intervals(of: [means], threads: threads)[0]
            let samples = part.users.map { trainSamples[$0] }.sorted()
            for index in present.indices {
                guard let gain = means.value(index) else { continue }
                points[index].append(
                    GainCurve.Point(
                        range: samples[0]...samples[samples.count - 1], median: samples[samples.count / 2],
                        users: samples.count, gain: gain, interval: intervals[index]))
            }
        }
        return zip(present, points).map { GainCurve(pair: $0.pair, points: $1) }
    }
}
