/// One way to divide users or rows up, and one of its parts.
struct NamedSlice: Sendable {
    let by: String
    let name: String
    let slice: UserSlice
}

extension EvaluatedUsers {
    /// Parts of equal numbers of users, as far as ties allow.
    private static let driftParts = 5
    private static let activityParts = 4

    /// The slices that every evaluation looks at, those without users left out: drift, activity, the classes of the train part,
    /// items seen there or not, and, where users were held out from the cloud, these and the others.
    func slices(globalCTR: Double) -> [NamedSlice] {
        let trained = (0..<count).filter { trainSamples[$0] > 0 }
        let drift = trained.map { (user: $0, value: (localCTR($0) ?? 0) - globalCTR) }
        let activity = trained.map { (user: $0, value: Double(trainSamples[$0])) }
        var slices = Self.parts(drift, Self.driftParts).map { part in
            NamedSlice(
                by: "drift",
                name: "\(FixedPoint.signedText(part.least)) to \(FixedPoint.signedText(part.greatest))",
                slice: UserSlice(part.users))
        }
        slices += Self.parts(activity, Self.activityParts).map { part in
            NamedSlice(
                by: "train samples", name: "\(Int(part.least)) to \(Int(part.greatest))", slice: UserSlice(part.users))
        }
        let classes: [(name: String, holds: (Int) -> Bool)] = [
            ("both", { trainPositives[$0] > 0 && trainPositives[$0] < trainSamples[$0] }),
            ("positive only", { trainSamples[$0] > 0 && trainPositives[$0] == trainSamples[$0] }),
            ("negative only", { trainSamples[$0] > 0 && trainPositives[$0] == 0 }),
            ("no train samples", { trainSamples[$0] == 0 }),
        ]
        slices += classes.map { entry in
            NamedSlice(by: "train labels", name: entry.name, slice: UserSlice((0..<count).filter(entry.holds)))
        }
        let everybody = Array(0..<count)
        slices += [
            NamedSlice(by: "items", name: "in the user's train part", slice: UserSlice(everybody, rows: .seen)),
            NamedSlice(by: "items", name: "new to the user", slice: UserSlice(everybody, rows: .unseen)),
        ]
        if areHeldOut.contains(true) {
            slices += [
                NamedSlice(by: "cloud", name: "held-out users", slice: UserSlice(everybody.filter { areHeldOut[$0] })),
                NamedSlice(
                    by: "cloud", name: "users it may see", slice: UserSlice(everybody.filter { !areHeldOut[$0] })),
            ]
        }
        return slices.filter { $0.slice.sampleCount(in: self) > 0 }
    }

    /// Users by rising value in parts of about the same size; equal values stay together.
    static func parts(
        _ values: [(user: Int, value: Double)], _ count: Int
    ) -> [(users: [Int], least: Double, greatest: Double)] {
        let sorted = values.sorted { ($0.value, $0.user) < ($1.value, $1.user) }
        var parts: [(users: [Int], least: Double, greatest: Double)] = []
        var start = 0
        for part in 1...count {
            var end = max(start, sorted.count * part / count)
            while end > 0 && end < sorted.count && sorted[end].value == sorted[end - 1].value { end += 1 }
            guard end > start else { continue }
            parts.append((sorted[start..<end].map(\.user).sorted(), sorted[start].value, sorted[end - 1].value))
            start = end
        }
        return parts
    }
}
