import Foundation
import Testing

@Suite("Weights go in and out")
struct ExchangeTests {
    private static let architecture = """
        {"kind": "lr", "fields": [{"name": "item", "kind": "categorical", "rows": 3}, {"name": "age", "kind": "dense", "rows": 0}],
         "embedding_dimension": 0, "hidden_sizes": []}
        """

    private static let map = """
        tensors:
          bias: out.bias
          fields.item.weight: [items.weight, insert_zero_row]
          fields.age.weight: {fill: 0.5}
        """

    /// `out.bias` [1] and `items.weight` [2, 1].
    private static let state: Data = {
        let header = """
            {"out.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},\
            "items.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}
            """
        var data = Data(withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) })
        data += Data(header.utf8)
        for number: Float in [0.25, 1, 2] {
            data += Data(withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) })
        }
        return data
    }()

    private static let importing = ["import", "state", "--map", "map.yaml", "--architecture", "lr.json"]

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.architecture, to: "lr.json")
        try folder.write(Self.map, to: "map.yaml")
        try folder.write(Self.state, to: "state")
        try folder.write(
            "tensors: {bias: bias, fields.*.weight: fields.*.weight}\n", to: "same.yaml")
        return folder
    }

    @Test("a state dict becomes a model, which is exported and comes back byte for byte")
    func roundTrip() throws {
        let folder = try folder()
        let made = try Plumb.run(Self.importing + ["-o", "m"], in: folder.url)
        #expect(made.status == 0 && made.output.isEmpty, "\(made.errors)")
        #expect(made.errors.contains("3 tensors") && made.errors.contains("5 numbers"), "\(made.errors)")
        let seen = try Plumb.run(["inspect", "m"], in: folder.url).text
        #expect(seen.contains("lr model") && seen.contains("fields.item.weight [3, 1]"))
        let exported = try Plumb.run(["export", "m", "-o", "out.safetensors", "-q"], in: folder.url)
        #expect(exported.status == 0 && exported.errors.isEmpty, "\(exported.errors)")
        let out = try folder.read("out.safetensors")
        #expect(out.range(of: Data("plumb.architecture".utf8)) == nil && out.range(of: Data("\"pt\"".utf8)) != nil)
        // bias, zeros for what is missing, the two items, the number's weight.
        let numbers: [Float] = [0.25, 0, 1, 2, 0.5]
        #expect(
            out.suffix(20)
                == Data(numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } })
        )
        let back = try Plumb.run(
            ["import", "out.safetensors", "--map", "same.yaml", "--architecture", "lr.json", "-o", "n", "-q"],
            in: folder.url)
        #expect(back.status == 0, "\(back.errors)")
        #expect(try folder.read("m") == folder.read("n"))
    }

    @Test("through pipes, too, the same bytes")
    func pipes() throws {
        let folder = try folder()
        let run = try Plumb.runByShell(
            """
            cat state | $0 import - --map map.yaml --architecture lr.json -o - -q | tee m \\
                | $0 export - --to onnx -o - -q > piped.onnx
            """, [], in: folder.url)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let written = try Plumb.run(["export", "m", "-o", "file.onnx", "-q"], in: folder.url)
        #expect(written.status == 0, "\(written.errors)")
        let onnx = try folder.read("file.onnx")
        #expect(try folder.read("piped.onnx") == onnx)
        #expect(onnx.range(of: Data("probability".utf8)) != nil)
    }

    @Test("the model may be the one that a pipeline file would train on a store")
    func store() throws {
        let folder = try SmallLog.folder()
        for step in [
            ["ingest", "-p", "p.yaml", "-o", "samples", "-q"], ["partition", "samples", "-o", "store", "-q"],
        ] {
            try #require(Plumb.run(step, in: folder.url).status == 0)
        }
        let trained = try Plumb.run(
            ["train", "store", "-p", "p.yaml", "--epochs", "1", "-o", "m", "-q"], in: folder.url)
        try #require(trained.status == 0, "\(trained.errors)")
        try #require(Plumb.run(["export", "m", "-o", "state.safetensors", "-q"], in: folder.url).status == 0)
        try folder.write("tensors: {\"*\": \"*\"}\n", to: "map.yaml")
        let made = try Plumb.run(
            ["import", "state.safetensors", "--map", "map.yaml", "--store", "store", "-p", "p.yaml", "-o", "n", "-q"],
            in: folder.url)
        #expect(made.status == 0, "\(made.errors)")
        try #require(Plumb.run(["export", "n", "-o", "again.safetensors", "-q"], in: folder.url).status == 0)
        #expect(try folder.read("again.safetensors") == folder.read("state.safetensors"))
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        var arguments: [String]
        var status: Int32
        var says: String
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: [String], _ status: Int32, _ says: String) {
            (self.arguments, self.status, self.says) = (arguments, status, says)
        }
    }

    static let faultyCalls = [
        Fault(["import"], 64, "Name the state dict's safetensors file."),
        Fault(["import", "state"], 64, "Name the map with --map."),
        Fault(["import", "state", "--map", "map.yaml"], 64, "Name the model's file with -o."),
        Fault(["import", "state", "--map", "map.yaml", "-o", "m"], 64, "Say what the model is with --architecture"),
        Fault(importing + ["--store", "s", "-o", "m"], 64, "--store and --pipeline have no place beside it"),
        Fault(importing + ["-o", "m", "--summary", "m"], 64, "-o and --summary need two places"),
        Fault(importing + ["-o", "m", "--vocabulari", "v"], 64, "--vocabulary"),
        Fault(importing + ["-o", "no/m"], 2, "plumb: no/m: error: cannot create"),
        Fault(
            ["import", "none", "--map", "map.yaml", "--architecture", "lr.json", "-o", "m"], 2, "plumb: none: error: "),
        Fault(["import", ".", "--map", "map.yaml", "--architecture", "lr.json", "-o", "m"], 2, "is a folder"),
        Fault(
            ["import", "torn", "--map", "map.yaml", "--architecture", "lr.json", "-o", "m"], 2, "plumb: torn: error: "),
        Fault(
            ["import", "map.yaml", "--map", "map.yaml", "--architecture", "lr.json", "-o", "m"], 2,
            "plumb: map.yaml: error: not a safetensors file"),
        Fault(["import", "state", "--map", "none", "--architecture", "lr.json", "-o", "m"], 2, "plumb: none: error: "),
        Fault(
            ["import", "state", "--map", "bad.yaml", "--architecture", "lr.json", "-o", "m"], 64,
            "plumb: bad.yaml:2:10: error: unknown step `transpos`; did you mean `transpose`?"),
        Fault(
            ["import", "state", "--map", "same.yaml", "--architecture", "lr.json", "-o", "m"], 2,
            "plumb: same.yaml:1:17: error: the state dict has no tensor 'bias'"),
        Fault(
            ["import", "state", "--map", "same.yaml", "--architecture", "lr.json", "-o", "m"], 2,
            "plumb: same.yaml: error: nothing uses the state dict's tensor 'items.weight'"),
        Fault(
            ["import", "state", "--map", "row.yaml", "--architecture", "lr.json", "-o", "m"], 2,
            "plumb: row.yaml:1:27: error: 'fields.item.weight' has shape [3, 1], and this makes [2, 1]"),
        Fault(
            ["import", "state", "--map", "keys.yaml", "--architecture", "lr.json", "-o", "m"], 64,
            "error: the map orders rows by keys, whose ids only a vocabulary knows; name ingest's with --vocabulary"),
        Fault(
            ["import", "state", "--map", "map.yaml", "--architecture", "map.yaml", "-o", "m"], 2,
            "plumb: map.yaml: error: "),
        Fault(
            ["import", "state", "--map", "map.yaml", "--architecture", "bad.json", "-o", "m"], 2,
            "plumb: bad.json: error: "),
        Fault(["export"], 64, "Name a model's safetensors file."),
        Fault(["export", "state"], 64, "Name the file to write with -o."),
        Fault(
            ["export", "state", "-o", "m.onyx"], 64, "ends in neither .safetensors nor .onnx: say the format with --to."
        ),
        Fault(["export", "state", "-o", "-"], 64, "say the format with --to."),
        Fault(["export", "state", "-o", "m", "--to", "tf"], 64, "'tf'"),
        Fault(["export", "none", "-o", "m.onnx"], 2, "plumb: none: error: "),
        Fault(["export", "torn", "-o", "m.onnx"], 2, "plumb: torn: error: "),
        Fault(["export", "map.yaml", "-o", "m.onnx"], 2, "plumb: map.yaml: error: not a safetensors file"),
        Fault(["export", "state", "-o", "m.onnx"], 2, "plumb: state: error: the metadata lacks 'plumb.architecture'"),
    ]

    @Test("faults are told in a line, and nothing is made", arguments: faultyCalls)
    func faults(fault: Fault) throws {
        let folder = try folder()
        try folder.write(Self.state.dropLast(3), to: "torn")
        try folder.write("tensors:\n  x: [a, transpos]\n", to: "bad.yaml")
        try folder.write(
            "tensors: {bias: out.bias, fields.item.weight: items.weight, fields.age.weight: {fill: 0}}", to: "row.yaml")
        try folder.write(
            "tensors: {bias: out.bias, fields.item.weight: [items.weight, keys: k], fields.age.weight: {fill: 0}}",
            to: "keys.yaml")
        try folder.write("{\"kind\": \"lr\"}", to: "bad.json")
        let before = try folder.names()
        let result = try Plumb.run(fault.arguments, in: folder.url)
        #expect(result.status == fault.status, "\(result.errors)")
        #expect(result.errors.contains(fault.says), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(try folder.names() == before)
    }

    @Test("a failed import leaves the model that was there")
    func keepsOld() throws {
        let folder = try folder()
        try folder.write("old", to: "m")
        let result = try Plumb.run(
            ["import", "state", "--map", "same.yaml", "--architecture", "lr.json", "-o", "m"], in: folder.url)
        #expect(result.status == 2)
        #expect(try folder.read("m") == Data("old".utf8))
    }

    @Test("an interrupt ends a command that waits for its input", arguments: ["import", "export"])
    func interrupted(command: String) throws {
        let folder = try folder()
        let before = try folder.names()
        let arguments =
            command == "import"
            ? ["import", "-", "--map", "map.yaml", "--architecture", "lr.json", "-o", "m"]
            : ["export", "-", "-o", "m.onnx"]
        let running = try Plumb.start(arguments, in: folder.url)
        let partial = command == "import" ? ".m.partial" : ".m.onnx.partial"
        #expect(running.shows { folder.exists(partial) })
        kill(running.process.processIdentifier, SIGINT)
        #expect(running.finish().status == 130)
        #expect(try folder.names() == before)
    }

    @Test("a reader that goes away ends an export quietly")
    func closedPipe() throws {
        let folder = try folder()
        try #require(Plumb.run(Self.importing + ["-o", "m", "-q"], in: folder.url).status == 0)
        let result = try Plumb.runByShell(
            "{ $0 export m --to onnx -o - -q; echo $? >&2; } | true", [], in: folder.url)
        #expect(["0\n", ""].contains(result.errors), "\(result.errors)")
    }
}
