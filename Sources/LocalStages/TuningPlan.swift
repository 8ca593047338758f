import LabelCorrection

/// What a user's arms come to: the tunings that they need, each made once, and where each arm's column comes from.
struct TuningPlan: Sendable {
    /// One way to tune a user.
    struct Tuning: Sendable, Hashable {
        /// How labels are corrected; nil for raw labels.
        let correction: Correction?
        /// The name of the plain arm that it scores.
        let name: String
    }

    /// Which logits an arm shows.
    enum Source: Sendable, Hashable {
        case itemMean
        case cloud
        /// Those of a tuning by its place in `tunings`.
        case tuned(Int)
        /// Those of the gated tuning, where the gate keeps it.
        case gated
    }

    struct Column: Sendable, Hashable {
        let source: Source
        /// Whether the user's level is restored.
        var isRestored = false
    }

    /// The tunings, none twice, in the order of the first arms that need them.
    private(set) var tunings: [Tuning] = []
    /// A column an arm.
    private(set) var columns: [Column] = []
    /// The tuning on which the gate decides; nil where no arm is gated.
    private(set) var gated: Int?

    init(_ settings: FineTuningSettings) {
        for arm in settings.arms {
            switch arm {
            case .itemMean: columns.append(Column(source: .itemMean))
            case .cloud: columns.append(Column(source: .cloud))
            case .cloudPrior: columns.append(Column(source: .cloud, isRestored: true))
            case .finetuned: columns.append(Column(source: .tuned(place(nil, .finetuned))))
            case .corrected: columns.append(Column(source: .tuned(place(settings.correction, .corrected))))
            case .correctedPrior:
                columns.append(Column(source: .tuned(place(settings.correction, .corrected)), isRestored: true))
            case .correctedGated:
                gated = place(settings.correction, .corrected)
                columns.append(Column(source: .gated))
            case .correctedBy(let method):
                var correction = settings.correction
                correction.method = method
                columns.append(Column(source: .tuned(place(correction, arm))))
            }
        }
    }

    /// The place of the tuning by `correction`, which is added if it is not there.
    private mutating func place(_ correction: Correction?, _ arm: Arm) -> Int {
        if let place = tunings.firstIndex(where: { $0.correction == correction }) { return place }
        tunings.append(Tuning(correction: correction, name: arm.rawValue))
        return tunings.count - 1
    }

    /// The tuning whose weights a device would keep: the gated one, else the first on corrected labels, else the first.
    var kept: Int? { gated ?? tunings.firstIndex { $0.correction != nil } ?? tunings.indices.first }

    /// Whether the cloud model scores every user in some arm, or as one side of the gate.
    var needsCloud: Bool { gated != nil || columns.contains { $0.source == .cloud } }

    /// Whether a tuning's column needs the user's level.
    func isRestored(_ tuning: Int) -> Bool { columns.contains(Column(source: .tuned(tuning), isRestored: true)) }
}
