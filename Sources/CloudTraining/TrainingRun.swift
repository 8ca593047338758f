import ByteStreams
import CTRModels
import Samples

/// One training, pass by pass, on the thread that calls it and the workers that help. Blocks.
struct TrainingRun {
    let settings: TrainingSettings
    let seed: UInt64
    let origin: TrainingOrigin
    let samples: DealtSamples
    let workers: WorkerThreads
    let progress: TrainingProgress
    let cancellation: Cancellation
    /// The model file's metadata, but for the pass.
    let metadata: [String: String]
    let files: BestModelFiles
    let onEvent: @Sendable (CloudTrainer.Event) -> Void

    private let inUse: TrainerInUse
    private var epochs: [TrainingEpoch]

    init(
        _ settings: TrainingSettings, seed: UInt64, origin: TrainingOrigin, samples: DealtSamples,
        workers: WorkerThreads, progress: TrainingProgress, cancellation: Cancellation, metadata: [String: String],
        files: BestModelFiles, trainer: TrainerInUse, epochs: [TrainingEpoch],
        onEvent: @escaping @Sendable (CloudTrainer.Event) -> Void
    ) {
        self.settings = settings
        self.seed = seed
        self.origin = origin
        self.samples = samples
        self.workers = workers
        self.progress = progress
        self.cancellation = cancellation
        self.metadata = metadata
        self.files = files
        inUse = trainer
        self.epochs = epochs
        self.onEvent = onEvent
    }

    /// Trains to the end; gives all passes, those that were made before included. The best one's weights are in `files`.
    mutating func run() throws(StageError) -> [TrainingEpoch] {
        inUse.trainer.forEachTableMemory(LargePages.use(for:))
        while !epochs.isFinal(settings) {
            let clock = ContinuousClock()
            let began = clock.now
            let loss = try pass()
            let seconds = (clock.now - began) / .seconds(1)
            let epoch = try validate(loss: loss)
            epochs.append(epoch)
            var metadata = metadata
            metadata["plumb.epoch"] = "\(epochs.count)"
            try files.save(
                inUse.trainer, origin: origin, epochs: epochs,
                isBest: epochs.best(by: settings.earlyStopping) == epochs.count - 1,
                metadata: metadata, cancellation: cancellation)
            onEvent(
                .trained(
                    pass: epochs.count, epoch,
                    CloudTrainer.Pace(
                        trainSeconds: seconds, samples: samples.trainCount,
                        totalSeconds: (clock.now - began) / .seconds(1))))
        }
        return epochs
    }

    /// One pass over the train samples: the mean of the batches' losses, by rows.
    private mutating func pass() throws(StageError) -> Double {
        // No batch has more samples than there are.
        let batchSize = min(settings.batchSize, samples.trainCount)
        let stepsPerEpoch = samples.steps(batchSize: batchSize)
        let (allSteps, overflow) = stepsPerEpoch.multipliedReportingOverflow(by: settings.epochs)
        let pass = epochs.count + 1
        let rate = settings.optimizer.learningRate
        var step = epochs.count * stepsPerEpoch
        var lossSum = 0.0
        progress.begin(epoch: pass, samples: samples.trainCount)
        try samples.forEachBatch(seed: seed, epoch: pass, batchSize: batchSize) {
            samples, input, rows throws(StageError) in
            if cancellation.isCancelled { throw .cancelled }
            inUse.trainer.optimizer.learningRate =
                rate * settings.schedule.factor(step: step, of: overflow ? Int.max : allSteps)
            let loss = inUse.trainer.step(
                input, rows: rows, labels: samples.labels, mode: .training(seed: seed, step: UInt64(step)),
                perform: workers.perform)
            step += 1
            guard loss.isFinite else {
                throw StageError(
                    .data,
                    "the loss is not finite in pass \(pass), step \(step - (pass - 1) * stepsPerEpoch)",
                    advice: "lower train.learning_rate")
            }
            lossSum += loss * Double(rows.count)
            progress.add(samples: rows.count, lossSum: loss * Double(rows.count))
        }
        guard inUse.trainer.model.parameters.areFinite else {
            throw StageError(
                .data, "a weight is not finite after pass \(pass), step \(stepsPerEpoch)",
                advice: "lower train.learning_rate")
        }
        return lossSum / Double(samples.trainCount)
    }

    private mutating func validate(loss: Double) throws(StageError) -> TrainingEpoch {
        var validation = Validation(of: samples.validationCount, by: settings.earlyStopping)
        for index in 0..<samples.blockCount {
            if cancellation.isCancelled { throw .cancelled }
            let block = try samples.block(index)
            let logits = inUse.trainer.logits(block.input, perform: workers.perform)
            guard logits.allSatisfy(\.isFinite) else {
                throw StageError(
                    .data, "a logit on validation is not finite after pass \(epochs.count + 1)",
                    advice: "lower train.learning_rate")
            }
            validation.add(block, logits: logits)
        }
        return validation.epoch(loss: loss)
    }
}
