import ArgumentParser
import ByteStreams
import CTRModels
import CloudTraining
import LocalStages
import Pipelines
import Samples
import UserPartition

/// `plumb import`: another library's weights → a model.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a model of a PyTorch state dict that was saved as safetensors.",
        discussion: """
            A map says which tensor is made of what; docs/exchange.md explains it, with an example. What the model is comes
            from an architecture as JSON, or from a store and the train section of a pipeline file.
            """
    )

    @Argument(
        help: "The state dict; '-' is standard input.", completion: .file(extensions: ["safetensors"]))
    var state: String?

    @Option(help: ArgumentHelp("How tensors are made.", valueName: "map.yaml"), completion: .file(extensions: ["yaml"]))
    var map: String?

    @Option(
        help: ArgumentHelp("The model's architecture.", valueName: "architecture.json"),
        completion: .file(extensions: ["json"]))
    var architecture: String?

    @Option(
        help: ArgumentHelp(
            "The store whose samples the model is to read; its fields have its rows.", valueName: "store"),
        completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp("ingest's vocabulary, for maps that order rows by keys.", valueName: "vocabulary.arrows"),
        completion: .file(extensions: ["arrows"]))
    var vocabulary: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write the model here; '-' is standard output.", valueName: "path"),
        completion: .file(extensions: ["safetensors"]))
    var output: String?

    @OptionGroup var stage: StageOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
        if architecture != nil && (store != nil || stage.pipeline != nil) {
            throw ValidationError(
                "--architecture says what the model is: --store and --pipeline have no place beside it.")
        }
    }

    func run() async throws {
        guard let pipeline = try await stage.load(sections: ["train"]) else { return }
        guard let state else { throw ValidationError("Name the state dict's safetensors file.") }
        guard let map else { throw ValidationError("Name the map with --map.") }
        guard let output else { throw ValidationError("Name the model's file with -o.") }
        var account = Account("import")
        let weights = try await WeightImport(map: map)
        let architecture = try await architecture(pipeline)
        let sink = try await ByteSink(model: output)
        let model = try await weights.model(architecture, from: state, vocabulary: vocabulary)
        try await sink.write(model)
        try await sink.publish()
        let shapes = CTRModel.tensorShapes(of: architecture)
        account.add("tensors", shapes.count)
        account.add("numbers", shapes.reduce(0) { $0 + $1.shape.reduce(1, *) })
        try await account.close(report)
    }

    private func architecture(_ pipeline: Pipeline) async throws -> Architecture {
        if let architecture {
            let bytes = try await FileContents.read(architecture, limit: 1 << 20)
            do throws(ModelError) {
                return try Architecture(json: String(decoding: bytes, as: UTF8.self))
            } catch {
                throw StageError(error, file: architecture)
            }
        }
        guard let store else {
            throw ValidationError("Say what the model is with --architecture, or with --store and --pipeline.")
        }
        return try pipeline.train.architecture(
            for: try await PartitionStore.open(store).manifest)
    }
}
