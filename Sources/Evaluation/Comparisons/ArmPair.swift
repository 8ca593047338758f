/// Two arms that are held against each other.
struct ArmPair: Sendable, Hashable {
    /// The arm that is looked at, and the arm it is held against.
    let a: String
    let b: String

    /// The pairs that answer the tool's questions, as far as both arms are there: what tuning and correction change, what the
    /// gate changes, what each other method of correction changes against raw labels, what the cloud model has over the floor,
    /// and what prior restoration changes.
    static func all(of arms: [String]) -> [ArmPair] {
        let asked = [
            ArmPair(a: "finetuned", b: "cloud"), ArmPair(a: "corrected", b: "cloud"),
            ArmPair(a: "corrected", b: "finetuned"), ArmPair(a: "corrected_gated", b: "cloud"),
            ArmPair(a: "corrected_gated", b: "corrected"),
        ]
        let methods = arms.filter {
            $0.hasPrefix("corrected_") && !["corrected_gated", "corrected_prior"].contains($0)
        }
        .map { ArmPair(a: $0, b: "finetuned") }
        let restored = arms.filter { $0.hasSuffix("_prior") }
            .map { ArmPair(a: $0, b: String($0.dropLast("_prior".count))) }
        return (asked + methods + [ArmPair(a: "cloud", b: "item_mean")] + restored)
            .filter { arms.contains($0.a) && arms.contains($0.b) }
    }
}
