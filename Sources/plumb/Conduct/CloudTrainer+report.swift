import CloudTraining
import Evaluation

extension ReportOptions {
    /// Tells what a training tells: `name` is what it is called.
    func tell(_ event: CloudTrainer.Event, of name: String, _ settings: TrainingSettings) {
        switch event {
        case .resumed(let epochs):
            say("\(name): goes on after pass \(epochs.count) of \(settings.epochs), from its checkpoint")
        case .startedAnew(let reason): say("\(name): starts anew and not from its checkpoint: \(reason)")
        case .trained(let pass, let epoch, let pace):
            log("\(name): \(epoch.line(pass: pass)), \(Self.rate(pace.samplesPerSecond))")
        }
    }

    /// `310 k samples/s`.
    fileprivate static func rate(_ rate: Double) -> String {
        rate >= 1e6
            ? "\(FixedPoint.text(rate / 1e6, decimals: 1)) M samples/s"
            : "\(FixedPoint.text(rate / 1e3, decimals: 1)) k samples/s"
    }
}

extension TrainingProgress.Moment {
    /// `pass 3 of 20: 45%, loss 0.6123, 310.2 k samples/s`, as far as that is known.
    func line(of passes: Int) -> String {
        guard epoch > 0 else { return "reading samples" }
        var parts = ["\(100 * samples / max(1, samplesPerEpoch))%"]
        if let loss { parts.append("loss \(FixedPoint.text(loss))") }
        if let rate { parts.append(ReportOptions.rate(rate)) }
        return "pass \(epoch) of \(passes): \(parts.joined(separator: ", "))"
    }
}

extension TrainingEpoch {
    /// `pass 3: loss 0.6123, validation loss 0.6244, GAUC 0.6581, AUC 0.7012`.
    func line(pass: Int) -> String {
        var parts = ["pass \(pass): loss \(FixedPoint.text(loss))"]
        if let validationLoss {
            parts.append("validation loss \(FixedPoint.text(validationLoss))")
            parts.append(validationGAUC.map { "GAUC \(FixedPoint.text($0))" } ?? "no user to rank")
            if let validationAUC { parts.append("AUC \(FixedPoint.text(validationAUC))") }
        } else {
            parts.append("no validation samples")
        }
        return parts.joined(separator: ", ")
    }
}

extension Account {
    /// What came of a training: the passes one by one in the JSON, with their pace where they were made now.
    mutating func add(_ trained: TrainedModel, paces: [Int: CloudTrainer.Pace]) {
        add("train samples", trained.trainSamples)
        add("passes", trained.epochs.count)
        add("best pass", trained.best + 1)
        add("bytes spilled", trained.bytesSpilled)
        let passes = trained.epochs.enumerated().map { index, epoch in
            let pace = paces[index + 1]
            let figures = [
                ("loss", Optional(epoch.loss)), ("validation_loss", epoch.validationLoss),
                ("validation_gauc", epoch.validationGAUC), ("validation_auc", epoch.validationAUC),
                ("train_seconds", pace?.trainSeconds), ("seconds", pace?.totalSeconds),
                ("samples_per_second", pace?.samplesPerSecond),
            ]
            return "{\(figures.map { "\"\($0)\":\($1.map { "\($0)" } ?? "null")" }.joined(separator: ","))}"
        }
        addDetail("epochs", json: "[\(passes.joined(separator: ","))]")
    }
}
