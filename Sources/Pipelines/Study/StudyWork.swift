import ByteStreams
import CTRModels
import CloudTraining
import Evaluation
import LabelCorrection
import LocalStages
import Samples
import UserPartition

/// The models, cells and comparisons of one study.
struct StudyWork: Sendable {
    let study: Study
    let folder: StudyFolder
    let ledger: StudyLedger
    let version: String
    let counter: StudyCounter
    let listener: @Sendable (StudyRun.Event) -> Void

    /// A cloud model and all that is tuned from it.
    private struct Job: Sendable {
        let data: StudyData
        let model: Study.Variant
        let seed: UInt64
        /// About how long it takes, beside others.
        let cost: Int
    }

    /// Models and cells: what `StudyProgress` counts.
    static func fileCount(_ sets: [StudyData], of study: Study) -> Int {
        sets.reduce(0) { $0 + study.models(of: $1.dataSet).count } * study.seeds.count * (2 + study.schedules.count)
    }

    // MARK: Models and cells

    /// Trains every model and tunes it by every schedule, as far as that is missing; as many models at once as there are threads.
    func makeModels(_ sets: [StudyData], threads: Int) async throws(StageError) {
        var jobs: [Job] = []
        for data in sets {
            for model in study.models(of: data.dataSet) {
                let kind = study.pipeline(data.dataSet, model).train.model
                // Attention and recurrence take some ten times as long; the longest first, so that none is left over at the end.
                let cost = data.store.manifest.samples.train * (kind.uses.contains(.history) ? 10 : 1)
                jobs += study.seeds.map { Job(data: data, model: model, seed: $0, cost: cost) }
            }
        }
        _ = try await jobs.sorted { $0.cost > $1.cost }.mapping(atOnce: threads) { job throws(StageError) in
            try await work(on: job)
        }
    }

    private func work(on job: Job) async throws(StageError) {
        let data = job.data
        let pipeline = study.pipeline(data.dataSet, job.model)
        let model = try await trained(job, pipeline)
        let untuned = study.untunedArms(hasItem: data.store.schema.item != nil)
        var stage = LazyModel(path: folder.place(of: model.name))
        try await makeCell(job, pipeline, schedule: nil, arms: untuned, from: model, &stage)
        for schedule in study.schedules {
            let pipeline = study.pipeline(data.dataSet, job.model, schedule)
            try await makeCell(
                job, pipeline, schedule: schedule.name, arms: study.tunedArms(of: data.dataSet), from: model, &stage)
        }
    }

    /// The cloud model of a job, trained if it is not there.
    private func trained(_ job: Job, _ pipeline: Pipeline) async throws(StageError) -> FileRecord {
        let name = StudyFolder.modelName(job.data.dataSet.name, job.model.name, seed: job.seed)
        let origin = origin(
            RunStep(.train, seed: job.seed), pipeline.settings(of: .train), inputs: [input(job.data.store)])
        return try await make(name, origin) { () throws(StageError) in
            var settings = pipeline.train
            settings.threads = 1
            let trained = try await CloudTrainer(settings, seed: job.seed).train(
                on: job.data.store, into: folder.place(of: name))
            try await trained.publish()
            return try await onDisk { [folder] (_, cancellation) throws(StageError) in
                try FileRecord(name: name, readFrom: folder.place(of: name), cancellation: cancellation)
            }
        }
    }

    /// A model that is read when it is first asked for.
    private struct LazyModel {
        let path: String
        private var file: ModelFile?

        init(path: String) { self.path = path }

        mutating func read() async throws(StageError) -> ModelFile {
            if let file { return file }
            let read = try await ModelFile(path: path)
            file = read
            return read
        }
    }

    /// Tunes and scores every user by one schedule, if that is not done.
    private func makeCell(
        _ job: Job, _ pipeline: Pipeline, schedule: String?, arms: [Arm], from model: FileRecord,
        _ models: inout LazyModel
    ) async throws(StageError) {
        let name = StudyFolder.cellName(
            job.data.dataSet.name, job.model.name, seed: job.seed, schedule: schedule)
        let tuning = study.tuning(pipeline, arms: arms)
        // How intervals are found does not matter to a cell, k of NDCG@k does.
        let settings = pipeline.settings.filter { $0.keys == ["evaluate", "top"] }
        let origin = origin(
            RunStep(.finetune, seed: job.seed), settings,
            inputs: [
                input(job.data.store), StepOrigin.Input(name: "model", sha256: model.sha256),
                StepOrigin.Input(name: "tuning", sha256: tuning.fingerprint),
            ])
        _ = try await make(name, origin) { () throws(StageError) in
            let data = job.data
            let file = try await models.read()
            let stage = try await onDisk { (_, _) throws(StageError) in
                try FineTuningStage(tuning, store: data.store, model: file, ctr: data.ctr, seed: job.seed)
            }
            let report = FineTuningReport()
            var evaluation = pipeline.evaluate
            evaluation.scratchFolder = folder.path
            let runs = try await stage.predictions(for: data.store.localDatasets(), threads: 1, report: report)
                .measure(evaluation, parts: [.validation, .test])
            let bytes = StudyCell(
                validation: runs[0].metrics, test: runs[1], diverged: report.counts[.diverged]
            ).arrowStream()
            try await FileContents.write(bytes, to: folder.place(of: name))
            return FileRecord(name: name, content: bytes)
        }
    }

    // MARK: Comparisons

    /// Compares what every model came to, as far as that is missing; in the order of the study.
    func compare(_ sets: [StudyData], threads: Int) async throws(StageError) -> [StudyDataSet] {
        let pairs = sets.flatMap { data in study.models(of: data.dataSet).map { (data: data, model: $0) } }
        let found = try await pairs.mapping(atOnce: threads) { pair throws(StageError) in
            try await compared(pair.data, pair.model)
        }
        return sets.map { data in
            let models = zip(pairs, found).filter { $0.0.data.dataSet.name == data.dataSet.name }.map(\.1)
            return StudyDataSet(about: data.dataSet.about, split: data.split, drift: data.drift, models: models)
        }
    }

    private func compared(_ data: StudyData, _ model: Study.Variant) async throws(StageError) -> StudyModel {
        let name = StudyFolder.resultsName(data.dataSet.name, model.name)
        var cells: [[FileRecord]] = []
        for schedule in [nil] + study.schedules.map(\.name) {
            var row: [FileRecord] = []
            for seed in study.seeds {
                let cell = StudyFolder.cellName(data.dataSet.name, model.name, seed: seed, schedule: schedule)
                row.append(try await onDisk { (ledger, _) throws(StageError) in try ledger.entered(cell) })
            }
            cells.append(row)
        }
        let origin = StepOrigin(
            step: RunStep(.evaluate), version: version,
            settings: [
                StepOrigin.Setting(path: "resamples", text: "\(study.bootstrap.resamples)"),
                StepOrigin.Setting(path: "bootstrap_seed", text: "\(study.bootstrap.seed)"),
                StepOrigin.Setting(path: "model", text: model.name),
            ], inputs: cells.joined().map { StepOrigin.Input(name: $0.name, sha256: $0.sha256) }
        ).fingerprint
        let path = folder.place(of: name)
        if try await found(name, origin, isCounted: false) != nil {
            return try StudyModel(
                json: try await FileContents.read(path, limit: Self.mostResultBytes), name: path)
        }
        var groups: [StudyModel.ScheduleCells] = []
        for (place, row) in cells.enumerated() {
            var group = StudyModel.ScheduleCells(
                name: place == 0 ? "untuned" : study.schedules[place - 1].name, cells: [])
            for file in row {
                let place = folder.place(of: file.name)
                group.cells.append(
                    try StudyCell(
                        arrowStream: try await FileContents.read(place, limit: Self.mostCellBytes), name: place))
            }
            groups.append(group)
        }
        let result = try await StudyModel(
            name: model.name, untuned: groups[0].cells, tuned: Array(groups.dropFirst()), study.bootstrap, threads: 1)
        let bytes = result.json()
        try await clear(for: name)
        try await FileContents.write(bytes, to: path)
        try await onDisk { (ledger, _) throws(StageError) in
            try ledger.enter(FileRecord(name: name, content: bytes), origin: origin)
        }
        return result
    }

    private static let mostResultBytes = 256 << 20
    private static let mostCellBytes = 4 << 30

    // MARK: Steps

    private func input(_ store: PartitionStore) -> StepOrigin.Input {
        StepOrigin.Input(name: "store", sha256: store.manifest.fingerprint)
    }

    private func origin(_ step: RunStep, _ settings: [PipelineSetting], inputs: [StepOrigin.Input]) -> String {
        StepOrigin(
            step: step, version: version,
            settings: settings.map { StepOrigin.Setting(path: $0.path, text: $0.text) }, inputs: inputs
        ).fingerprint
    }

    /// The file if it stands as it is to be, which is told.
    private func found(
        _ name: String, _ origin: String, isCounted: Bool = true
    ) async throws(StageError) -> FileRecord? {
        let file = try await onDisk { (ledger, cancellation) throws(StageError) in
            try ledger.finished(name, origin: origin, cancellation: cancellation)
        }
        if file != nil, isCounted { listener(.found(name, counter.advance(wasMade: false))) }
        return file
    }

    /// Makes a file if it does not stand as it is to be.
    private func make(
        _ name: String, _ origin: String, _ work: () async throws(StageError) -> FileRecord
    ) async throws(StageError) -> FileRecord {
        if let file = try await found(name, origin) { return file }
        let start = ContinuousClock.now
        try await clear(for: name)
        let file = try await work()
        try await onDisk { (ledger, _) throws(StageError) in try ledger.enter(file, origin: origin) }
        listener(
            .made(name, seconds: (ContinuousClock.now - start) / .seconds(1), counter.advance(wasMade: true)))
        return file
    }

    /// Before a file is made: its folder, and no results of before beside files of now.
    private func clear(for name: String) async throws(StageError) {
        try await onDisk { [folder] (_, _) throws(StageError) in
            try FileTree.removeFile(folder.results)
            try folder.makeFolder(of: name)
        }
    }

    private func onDisk<Value: Sendable>(
        _ work: @escaping @Sendable (StudyLedger, Cancellation) throws(StageError) -> Value
    ) async throws(StageError) -> Value {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { [ledger] () throws(StageError) in try work(ledger, cancellation) }
    }
}
