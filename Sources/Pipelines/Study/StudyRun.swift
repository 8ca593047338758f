import ByteStreams
import CTRModels
public import Evaluation
import FineTuning
import LabelCorrection
import LocalStages
import LogIngest
public import Samples
import UserPartition

/// A study into a folder: stores, cloud models, tunings, comparisons. What stands there already, from the same inputs and settings
/// and by the same version, is not made again; one cloud model serves all its schedules, one store all its models.
///
/// Models of all data sets and seeds are worked on side by side, each on one thread. Files are the same for any number of threads,
/// and whether or not the study was stopped in between.
public struct StudyRun: Sendable {
    /// What a study tells while it works.
    public enum Event: Sendable {
        /// A data set is left out, and why.
        case leftOut(dataSet: String, String)
        /// A data set's store is being made or was found.
        case preparing(dataSet: String)
        /// What the making of a store tells.
        case data(dataSet: String, PipelineRun.Event)
        /// A model or cell stands there as it is to be: its file.
        case found(String, StudyProgress)
        /// A model or cell was made.
        case made(String, seconds: Double, StudyProgress)
    }

    let study: Study
    let folder: StudyFolder
    let threads: Int
    let version: String
    let listener: @Sendable (Event) -> Void
    private let counter = StudyCounter()

    /// How far it is.
    public var progress: StudyProgress { counter.progress }

    /// A run of `study` into `folder`, on up to `threads` cores.
    ///
    /// - Parameter version: the tool's; what another version made is made anew.
    public init(
        _ study: Study, into folder: StudyFolder, threads: Int, version: String,
        listener: @escaping @Sendable (Event) -> Void
    ) {
        self.study = study
        self.folder = folder
        self.threads = threads
        self.version = version
        self.listener = listener
    }

    /// Runs it and writes `study.json`. A failure or cancellation leaves what is finished, which the next run goes on from. Throws
    /// `environment` if another study works in the folder.
    public func run() async throws(StageError) -> StudyResults {
        let lock = try await BlockingThread().run { [folder] () throws(StageError) in
            let lock = try folder.claim()
            try folder.removeLeftovers()
            return lock
        }
        defer { withExtendedLifetime(lock) {} }
        let ledger = try await StudyLedger.open(folder)
        var sets: [StudyData] = []
        var leftOut: [StudyResults.LeftOut] = []
        for dataSet in study.dataSets {
            if dataSet.mayBeMissing, let path = try await missingFile(dataSet) {
                leftOut.append(StudyResults.LeftOut(about: dataSet.about, file: path))
                listener(.leftOut(dataSet: dataSet.name, "there is no \(path)"))
            } else {
                sets.append(try await prepare(dataSet))
            }
        }
        guard !sets.isEmpty else { throw StageError(.data, "the study is left with no data set") }
        let work = StudyWork(
            study: study, folder: folder, ledger: ledger, version: version,
            counter: counter, listener: listener)
        counter.begin(total: StudyWork.fileCount(sets, of: study))
        try await work.makeModels(sets, threads: threads)
        let results = StudyResults(
            name: study.name, seeds: study.seeds, resamples: study.bootstrap.resamples,
            corrections: study.corrections.map(\.rawValue), schedules: schedules,
            dataSets: try await work.compare(sets, threads: threads), leftOut: leftOut)
        try await FileContents.write(results.json(), to: folder.results)
        try await BlockingThread().run { () throws(StageError) in ledger.saveStamps() }
        return results
    }

    /// The first file of a data set's log that is not there; nil if all are, as far as paths tell that are no patterns.
    private func missingFile(_ dataSet: Study.DataSet) async throws(StageError) -> String? {
        let paths = study.pipeline(dataSet).ingest?.sources.flatMap(\.paths).sorted() ?? []
        return try await BlockingThread().run { () throws(StageError) in
            paths.first { path in
                path != "-" && !path.contains(where: "*?[".contains) && !FileTree.exists(path)
            }
        }
    }

    /// Makes the store of a data set and measures its CTRs, if need be.
    private func prepare(_ dataSet: Study.DataSet) async throws(StageError) -> StudyData {
        listener(.preparing(dataSet: dataSet.name))
        let pipeline = study.pipeline(dataSet)
        let run = PipelineRun(
            pipeline, into: folder.data(dataSet.name), threads: threads, version: version, until: .ctr
        ) { [listener] event in listener(.data(dataSet: dataSet.name, event)) }
        guard let ctr = try await run.run().ctr else { preconditionFailure("the run stops after its CTRs") }
        let store = try await PartitionStore.open(folder.data(dataSet.name).store)
        guard store.manifest.samples.validation > 0 else {
            throw StageError(
                .data,
                "the split of the data set `\(dataSet.name)` leaves no samples for validation, by which schedules are chosen",
                at: SourcePosition(file: dataSet.pipeline), advice: "change `partition.split`")
        }
        let split = pipeline.settings.first { $0.keys == ["partition", "split"] }?.text ?? ""
        return StudyData(dataSet: dataSet, store: store, ctr: ctr, split: split)
    }

    /// The schedules as the page describes them: the same on every data set.
    private var schedules: [StudyResults.Schedule] {
        study.schedules.compactMap { schedule in
            let known = study.dataSets.first { !study.models(of: $0).isEmpty }
            guard let known, let model = study.models(of: known).first else { return nil }
            let local = study.pipeline(known, model, schedule).finetune.schedule
            let (name, rate): (String, Double) =
                switch local.optimizer {
                case .sgd(let rate): ("SGD", rate)
                case .adam(let rate, _, _, _): ("Adam", rate)
                case .adagrad(let rate, _): ("Adagrad", rate)
                }
            return StudyResults.Schedule(
                name: schedule.name, optimizer: name, learningRate: rate, passes: local.epochs,
                batchSize: local.batchSize)
        }
    }
}
