import ArrowStream
import FineTuning
import LabelCorrection
import Samples

/// Lines of the users' table that `finetune` writes: CSV, a line a user.
struct FineTuningTable: Sendable {
    private let globalCTR: GlobalCTR
    private let tunings: [String]
    private let arrow: ArrowSchema
    private let encoder: ArrowTextEncoder

    init(userKind: KeyColumn.Kind, globalCTR: GlobalCTR, plan: TuningPlan) {
        self.globalCTR = globalCTR
        tunings = plan.tunings.map(\.name)
        let counts = ["train_samples", "train_positives", "validation_samples", "test_samples"]
        let losses = tunings.flatMap { ["loss_before_\($0)", "loss_after_\($0)"] }
        arrow = ArrowSchema(
            fields: [ArrowField(name: "user", type: userKind == .integer ? .integer(.int64) : .utf8)]
                + counts.map { ArrowField(name: $0, type: .integer(.uint32)) }
                + ["local_ctr", "drift"].map { ArrowField(name: $0, type: .float64) }
                + [ArrowField(name: "outcome", type: .utf8)]
                + (losses + ["gate_loss_cloud", "gate_loss_tuned"]).map { ArrowField(name: $0, type: .float64) }
                + [ArrowField(name: "kept", type: .bool), ArrowField(name: "reason", type: .utf8)])
        encoder = ArrowTextEncoder(schema: arrow, style: .csv)
    }

    /// The header.
    var start: [UInt8] { encoder.start() }

    /// A line for each of some users.
    ///
    /// - Parameters:
    ///   - keys: a column with the users' keys.
    ///   - rows: a row of each user in it.
    func lines(_ results: [UserResult], keys: KeyColumn, rows: [Int]) -> [UInt8] {
        var column = KeyColumn(keys.kind)
        for row in rows { column.append(row, of: keys) }
        let values: ArrowColumn.Values =
            switch column {
            case .integers(let values): .int64(values)
            case .text(let values): .text(values)
            }
        let localCTRs = results.map(\.train.ctr)
        let losses = tunings.indices.flatMap { index in
            [results.map { $0.losses[index: index]?.before }, results.map { $0.losses[index: index]?.after }]
        }
        let gates = [results.map { $0.gate?.losses?.cloud }, results.map { $0.gate?.losses?.tuned }]
        let counts = [
            results.map(\.train.samples), results.map(\.train.positives), results.map(\.validationSamples),
            results.map(\.testSamples),
        ]
        return encoder.encode(
            ArrowBatch(
                arrow,
                columns: [ArrowColumn(values)]
                    + counts.map { ArrowColumn(.uint32($0.map(UInt32.init(clamping:)))) }
                    + [localCTRs, localCTRs.map { $0.map(globalCTR.drift) }].map(Self.column)
                    + [ArrowColumn(.text(TextColumn(results.map(\.outcome.rawValue))))]
                    + (losses + gates).map(Self.column)
                    + [
                        ArrowColumn(.bool(results.map(\.isKept))),
                        ArrowColumn(
                            .text(TextColumn(results.map { $0.gateText ?? "" })),
                            validity: results.map { $0.gate != nil }),
                    ], count: results.count))
    }

    private static func column(_ values: [Double?]) -> ArrowColumn {
        ArrowColumn(.float64(values.map { $0 ?? 0 }), validity: values.map { $0 != nil })
    }
}

extension [TuningLosses?] {
    /// The losses of one tuning; nil also where there are none of any.
    fileprivate subscript(index index: Int) -> TuningLosses? { index < count ? self[index] : nil }
}
