/// How active users are: log-normal weights, drawn from in constant time and memory.
///
/// The user of rank `r` of `n`, the most active first, stands for the `r`-th of `n` equal cells of the weight
/// `w = e^(σz - σ²/2)`, `z` standard normal, and has the cell's mean. Drawing a user by weight is then exact and needs no
/// rejection and no truncation: a log-normal's size-biased distribution is the same one with `z` moved up by `σ`
/// (Patil and Rao, "Weighted Distributions and Size-Biased Sampling", Biometrics 34, 1978), so the cell is that of a
/// normal number moved so.
struct UserActivity {
    let users: Int
    let sigma: Double

    /// The rank, 0..<users, of a user drawn by weight; `uniform` is above 0 and below 1.
    @inline(__always)
    func rank(_ uniform: Double) -> Int {
        let place = NormalDistribution.cumulative(NormalDistribution.quantile(uniform) - sigma)
        return min(Int(place * Double(users)), users &- 1)
    }

    /// The expected share of rows of the user of a rank; shares add up to 1.
    func share(ofRank rank: Int) -> Double {
        max(0, shareOfRanks(below: rank + 1) - shareOfRanks(below: rank))
    }

    /// The share of the `count` most active users together.
    private func shareOfRanks(below count: Int) -> Double {
        if count <= 0 { return 0 }
        if count >= users { return 1 }
        return NormalDistribution.cumulative(
            NormalDistribution.quantile(Double(count) / Double(users)) + sigma)
    }
}
