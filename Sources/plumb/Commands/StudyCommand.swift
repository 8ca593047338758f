import ArgumentParser
import ByteStreams
import Evaluation
import Pipelines
import Samples
import Synchronization

/// `plumb study`: data sets × models × corrections × local schedules × seeds.
struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Tune every model on every data set by every local schedule, and say what helped.",
        discussion: """
            A study file names data sets (pipeline files with some settings changed), models, ways of correcting
            labels, local schedules and seeds. Schedules are chosen on validation, for each arm its own, and held against
            each other on test.
              plumb study pipelines/study.yaml -o build/study --page docs/STUDY.md

            One store serves all models of a data set, one cloud model all its schedules. What stands in the folder from the
            same inputs and settings is not made again; a study that was stopped goes on where it was. Settings come from
            the files alone, not from the environment.
            """
    )

    @Argument(help: "A study file.", completion: .file(extensions: ["yaml", "yml"]))
    var study: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The study's folder.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp(
            "Also write a page in Markdown here, and its figures into a folder of its name beside it.",
            valueName: "path"),
        completion: .file(extensions: ["md"]))
    var page: String?

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["FILE": study, "-o": output, "--page": page, "--summary": report.summary])
        for (option, path) in [("--page", page), ("--summary", report.summary)] {
            guard let path, path != "-" else { continue }
            // The study's folder holds nothing but the study's own files; a page's figures stand in a folder beside it.
            let places = [path] + (option == "--page" ? [StudyPage.figurePlace(of: path)] : [])
            if places.contains(where: { OutputPlaces.lies($0, in: output) }) {
                throw ValidationError("\(option) must not lie in the study's folder, \(output).")
            }
        }
        if let page, !page.hasSuffix(".md") || page.hasSuffix("/.md") || page == ".md" {
            throw ValidationError("--page needs the name of a file that ends in .md.")
        }
    }

    func run() async throws {
        let study = try await Study(path: study)
        var account = Account("study")
        let latest = Mutex("reading")
        let run = StudyRun(
            study, into: StudyFolder(path: output), threads: threads.threads, version: Plumb.version
        ) { event in
            switch event {
            case .leftOut(let dataSet, let reason): report.say("study: \(dataSet) is left out: \(reason)")
            case .preparing(let dataSet): latest.withLock { $0 = "\(dataSet): store" }
            case .data(let dataSet, .began(let step, let reason)):
                latest.withLock { $0 = "\(dataSet): \(step): \(reason)" }
                // A line that renews itself would run into it.
                if report.progressMode != .line { report.say("study: \(dataSet): \(step): \(reason)") }
            case .data(let dataSet, .changedWhileRead(let path)):
                report.say("study: \(dataSet): \(path) was changed while it was read; the next study reads it again")
            case .data: break
            case .found(let name, let progress), .made(let name, _, let progress):
                latest.withLock { $0 = "\(progress.found + progress.made) of \(progress.total): \(name)" }
            }
        }
        let results = try await ProgressLine.showing(
            report.progressMode, stage: "study", text: { latest.withLock { $0 } }, while: { try await run.run() })
        if let page { try await StudyPage(results, at: page).write(to: page) }
        try await FileContents.write(Array(results.description.utf8), to: "-")
        let progress = run.progress
        account.add("models and tunings made", progress.made)
        account.add("found", progress.found)
        try await account.close(report)
    }
}
