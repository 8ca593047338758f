import ArgumentParser
import ByteStreams
import CTRModels
import LocalStages
import ModelExchange
import Samples

/// `plumb export`: a model → another tool's format.
struct ExportCommand: AsyncParsableCommand {
    /// What is written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        /// The tensors alone.
        case safetensors
        /// A graph that computes logits.
        case onnx

        /// The format that a file's name asks for; nil if it asks for none.
        init?(fileName: String) {
            guard let dot = fileName.lastIndex(of: ".") else { return nil }
            self.init(rawValue: fileName[fileName.index(after: dot)...].lowercased())
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a model as a PyTorch state dict or as ONNX.",
        discussion: """
            As safetensors: the tensors under PyTorch's names, for load_state_dict, without the architecture. As ONNX: a graph
            for serving, with a named input a field; docs/exchange.md lists inputs and outputs.
            """
    )

    @Argument(
        help: "A model, as 'plumb train' wrote it; '-' is standard input.",
        completion: .file(extensions: ["safetensors"]))
    var model: String?

    @Option(help: "safetensors or onnx; by default what the output's name ends in.")
    var to: Format?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write here; '-' is standard output.", valueName: "path"),
        completion: .file(extensions: ["onnx", "safetensors"]))
    var output: String?

    @OptionGroup var report: ReportOptions

    func validate() throws {
        try OutputPlaces.requireApart(["-o": output, "--summary": report.summary])
    }

    func run() async throws {
        guard let model else { throw ValidationError("Name a model's safetensors file.") }
        guard let output else { throw ValidationError("Name the file to write with -o.") }
        guard let format = to ?? Format(fileName: output) else {
            throw ValidationError("'\(output)' ends in neither .safetensors nor .onnx: say the format with --to.")
        }
        var account = Account("export")
        let sink = try await ByteSink(model: output)
        let file = try await ModelFile(path: model)
        switch format {
        case .safetensors:
            try await sink.write { write throws(StageError) in
                try file.model.writeStateDict(metadata: ["format": "pt"], to: write)
            }
        case .onnx:
            let onnx: ONNXModel
            do throws(ExchangeError) {
                onnx = try ONNXModel(file.model)
            } catch {
                throw StageError(.data, error.message, at: SourcePosition(file: file.name))
            }
            try await sink.write { write throws(StageError) in try onnx.write(to: write) }
        }
        try await sink.publish()
        account.add("tensors", file.model.parameters.layout.tensors.count)
        account.add("bytes", sink.bytesWritten)
        try await account.close(report)
    }
}
