import ByteStreams
import OrderedJSON
import Samples

extension RunRecord {
    /// To be raised with the file's shape, and when the same inputs and settings come to make other bytes while the tool's
    /// version stays: a record of another format vouches for nothing.
    static let format = 2

    /// The bytes of `stages.json`.
    var json: [UInt8] {
        let document = JSONValue.object([
            "format": .integer(Self.format), "stages": .array(entries.map(\.json)),
        ])
        return Array(document.text(.indented).utf8)
    }

    /// Reads `stages.json` back. `name` is the file that errors start with.
    ///
    /// Throws `data` for what is no such record, or one of a format that is not known: what it vouches for is then to be done
    /// anew.
    init(json: [UInt8], name: String) throws(StageError) {
        do throws(JSONError) {
            let document = JSONNode(try JSONValue(utf8: json[...]))
            let format = try document.member("format")
            guard format.value == .integer(Self.format) else {
                throw format.mismatch("\(Self.format), the only one known")
            }
            self.init(
                try document.member("stages").elements().map { node throws(JSONError) in try Entry(node) })
        } catch {
            throw StageError(.data, error.message, at: SourcePosition(file: name, byteOffset: error.byteOffset))
        }
    }
}

extension RunRecord.Entry {
    fileprivate var json: JSONValue {
        let members: KeyValuePairs<String, JSONValue> = [
            "stage": .string(origin.step.stage.rawValue), "seed": origin.step.seed.map { .integer($0) } ?? .null,
            "version": .string(origin.version), "fingerprint": .string(fingerprint),
            "settings": .array(origin.settings.map { .array([.string($0.path), .string($0.text)]) }),
            "inputs": .array(origin.inputs.map(\.json)), "sources": .array(sources.map(\.json)),
            "results": .array(results.map(\.json)),
        ]
        return .object(
            members.map { JSONValue.Member($0.key, $0.value) }
                + (seconds.map { [JSONValue.Member("seconds", .number($0))] } ?? []))
    }

    fileprivate init(_ node: JSONNode) throws(JSONError) {
        let step = RunStep(
            try node.member("stage").choice(),
            seed: try node.optionalMember("seed").map { seed throws(JSONError) in try seed.integer() })
        let settings = try node.member("settings").elements().map { pair throws(JSONError) in
            let parts = try pair.elements()
            guard parts.count == 2 else { throw pair.mismatch("a setting's path and its value") }
            return StepOrigin.Setting(path: try parts[0].string(), text: try parts[1].string())
        }
        self.init(
            origin: StepOrigin(
                step: step, version: try node.member("version").string(), settings: settings,
                inputs: try node.member("inputs").elements().map { input throws(JSONError) in
                    try StepOrigin.Input(input)
                }),
            fingerprint: try node.member("fingerprint").string(),
            results: try node.member("results").elements().map { file throws(JSONError) in try FileRecord(file) },
            sources: try node.member("sources").elements().map { file throws(JSONError) in try FileRecord(file) },
            seconds: try node.optionalMember("seconds").map { seconds throws(JSONError) in
                let value = try seconds.double()
                guard (0..<1e9).contains(value) else { throw seconds.mismatch("seconds, 0 or more") }
                return value
            })
        let names = RunFolder.results(of: step)
        guard names.allSatisfy({ name in results.contains { $0.name == name } }) else {
            throw node.mismatch("a stage with its results, \(names.joined(separator: ", "))")
        }
    }
}

extension StepOrigin.Input {
    fileprivate var json: JSONValue {
        .object([
            "purpose": purpose.map { .string($0) } ?? .null, "name": .string(name),
            "sha256": sha256.map { .string($0) } ?? .null,
        ])
    }

    fileprivate init(_ node: JSONNode) throws(JSONError) {
        self.init(
            purpose: try node.optionalMember("purpose").map { text throws(JSONError) in try text.string() },
            name: try node.member("name").string(),
            sha256: try node.optionalMember("sha256").map { text throws(JSONError) in try text.string() })
    }
}

extension FileRecord {
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            JSONValue.Member("name", .string(name)), JSONValue.Member("bytes", .integer(bytes)),
            JSONValue.Member("sha256", .string(sha256)),
        ]
        if let stamp {
            members += [
                JSONValue.Member("modified_ns", .integer(stamp.modified)),
                JSONValue.Member("changed_ns", .integer(stamp.changed)),
                JSONValue.Member("inode", .integer(stamp.inode)), JSONValue.Member("device", .integer(stamp.device)),
            ]
        }
        return .object(members)
    }

    init(_ node: JSONNode) throws(JSONError) {
        let bytes = try node.member("bytes").count()
        self.init(name: try node.member("name").string(), bytes: bytes, sha256: try node.member("sha256").string())
        guard let modified = try node.optionalMember("modified_ns") else { return }
        stamp = FileStamp(
            bytes: bytes, modified: try modified.integer(), changed: try node.member("changed_ns").integer(),
            inode: try node.member("inode").integer(), device: try node.member("device").integer())
    }
}
