import ArgumentParser
import LabelCorrection
import Pipelines

/// How train labels are corrected.
struct CorrectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How labels are corrected: rescale, additive, smoothing, reweight or logit-adjust.", valueName: "method"),
        completion: .list(CorrectionMethod.allCases.map(\.rawValue)))
    var method: String?

    @Option(help: ArgumentHelp("Weight of the global CTR in a user's local one, in samples.", valueName: "samples"))
    var priorStrength: Double?

    @Option(help: ArgumentHelp("For smoothing: how far labels go towards the global CTR, 0 to 1.", valueName: "share"))
    var smoothing: Double?

    /// The settings that they stand over.
    var overrides: [SettingOverride?] {
        [
            SettingOverride("correct.method", "--method", method),
            SettingOverride("correct.prior_strength", "--prior-strength", priorStrength),
            SettingOverride("correct.smoothing", "--smoothing", smoothing),
        ]
    }
}
