/// The part of a local dataset that a sample belongs to.
public enum Part: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// What the cloud model and the device learn from.
    case train
    /// What schedules, early stopping and the gate may look at.
    case validation
    /// What only evaluation looks at.
    case test

    /// The part's name in files and on the command line.
    public var name: String {
        switch self {
        case .train: "train"
        case .validation: "validation"
        case .test: "test"
        }
    }
}
