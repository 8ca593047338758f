extension RunSummary {
    /// One difference between two arms; nil if they were not compared.
    func comparison(_ pair: ArmPair, _ metric: Metric) -> Comparison? {
        comparisons.first { $0.a == pair.a && $0.b == pair.b && $0.metric == metric }
    }

    /// An arm by its name; nil if there is none.
    func arm(_ name: String) -> Arm? { arms.first { $0.name == name } }
}
