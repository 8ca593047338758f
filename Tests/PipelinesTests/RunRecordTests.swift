import ByteStreams
import Samples
import Testing

@testable import Pipelines

@Suite("The record of a run")
struct RunRecordTests {
    private static func entry(_ step: RunStep, files: [String], sources: [FileRecord] = [], seconds: Double? = nil)
        -> RunRecord.Entry
    {
        let origin = StepOrigin(
            step: step, version: "1", settings: [StepOrigin.Setting(path: "a.\"b.c\"", text: "\"|\"")],
            inputs: [
                StepOrigin.Input(purpose: "log", name: "x", sha256: nil), StepOrigin.Input(name: "store", sha256: "ab"),
            ])
        return RunRecord.Entry(
            origin: origin, fingerprint: origin.fingerprint,
            results: files.map { FileRecord(name: $0, bytes: 3, sha256: "cd") }, sources: sources,
            seconds: seconds)
    }

    private static let record = RunRecord([
        entry(RunStep(.train, seed: .max), files: ["seed-\(UInt64.max)/model.safetensors"]),
        entry(RunStep(.ctr), files: ["ctr.json"], seconds: 0.125),
        entry(RunStep(.train, seed: 2), files: ["seed-2/model.safetensors"]),
        entry(
            RunStep(.partition), files: ["vocabulary.arrows", "store/manifest.json"],
            sources: [
                FileRecord(
                    name: "x", bytes: 5, sha256: "ef",
                    stamp: FileStamp(bytes: 5, modified: -1, changed: 7, inode: .max, device: 0))
            ]),
    ])

    @Test("stands in the order of the steps and reads back as it was written")
    func roundTrip() throws {
        #expect(
            Self.record.entries.map(\.origin.step.description)
                == ["partition", "ctr", "train, seed 2", "train, seed \(UInt64.max)"])
        let read = try RunRecord(json: Self.record.json, name: "stages.json")
        #expect(read == Self.record)
        #expect(read.json == Self.record.json)
    }

    @Test("is refused where it is cut, or a part of it is something else")
    func damaged() throws {
        let whole = Self.record.json
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            let error = #expect(throws: StageError.self) {
                _ = try RunRecord(json: Array(whole.prefix(length)), name: "stages.json")
            }
            #expect(error?.code == .data)
        }
        let text = String(decoding: whole, as: UTF8.self)
        for (part, other) in [
            ("\"format\": 2", "\"format\": 1"), ("\"ctr\"", "\"tea\""), ("\"bytes\": 3", "\"bytes\": -3"),
            ("\"ctr.json\"", "\"other.json\""), ("\"seed\": 2", "\"seed\": -2"),
            ("\"modified_ns\": -1", "\"modified_ns\": 0.5"), ("\"seconds\": 0.125", "\"seconds\": -0.125"),
            ("\"seconds\": 0.125", "\"seconds\": 1e300"),
        ] {
            #expect(text.contains(part))
            #expect(throws: StageError.self) {
                _ = try RunRecord(json: Array(text.replacing(part, with: other).utf8), name: "stages.json")
            }
        }
    }

    @Test("has one fingerprint an origin: whatever is different about it shows")
    func fingerprints() throws {
        func origin(
            _ step: RunStep = RunStep(.train, seed: 1), version: String = "1",
            settings: [(String, String)] = [("a", "b"), ("c", "d")],
            inputs: [(String?, String, String?)] = [(nil, "store", "ab"), ("log", "x", nil)]
        ) -> StepOrigin {
            StepOrigin(
                step: step, version: version,
                settings: settings.map { StepOrigin.Setting(path: $0.0, text: $0.1) },
                inputs: inputs.map { StepOrigin.Input(purpose: $0.0, name: $0.1, sha256: $0.2) })
        }
        let origins = [
            origin(), origin(RunStep(.train, seed: 2)), origin(RunStep(.finetune, seed: 1)), origin(version: "2"),
            origin(settings: [("a", "b c"), ("d", "")]), origin(settings: [("a", "b")]),
            origin(settings: [("c", "d"), ("a", "b")]), origin(settings: [("a", "b\nsetting 1:c 1:d")]),
            origin(inputs: [(nil, "store", "ab")]), origin(inputs: [(nil, "store", "ac"), ("log", "x", nil)]),
            origin(inputs: [("log", "store", "ab"), (nil, "x", nil)]),
        ]
        #expect(Set(origins.map(\.fingerprint)).count == origins.count)
        #expect(origin().fingerprint == origins[0].fingerprint)
    }

    @Test("tells what is different about inputs, and what is not known as a change")
    func inputs() {
        func origin(_ names: [String], sha256: String? = "ab") -> StepOrigin {
            StepOrigin(
                step: RunStep(.partition), version: "1", settings: [],
                inputs: names.map { StepOrigin.Input(purpose: "log", name: $0, sha256: sha256) })
        }
        let before = origin(["x", "y"])
        func reason(_ now: StepOrigin) -> String? { before.difference(to: now)?.description }
        #expect(reason(origin(["x", "y"])) == nil)
        #expect(reason(origin(["y", "x"])) == "redone, its inputs stand in another order")
        #expect(reason(origin(["x", "y", "z"])) == "redone, the log has a new file: z")
        #expect(reason(origin(["x"])) == "redone, the log no longer has y")
        #expect(reason(origin(["x", "y", "x"])) == "redone, its inputs stand in another order")
        #expect(reason(origin(["x", "y"], sha256: nil)) == "redone, the log changed: x")
        let unknown = origin(["x"], sha256: nil)
        #expect(unknown.difference(to: unknown) != nil)
    }

    @Test("names three settings that changed, and the number of others")
    func settings() {
        func reason(_ before: [(String, String)], _ now: [(String, String)]) -> String? {
            func origin(_ settings: [(String, String)]) -> StepOrigin {
                StepOrigin(
                    step: RunStep(.ctr), version: "1",
                    settings: settings.map { StepOrigin.Setting(path: $0.0, text: $0.1) }, inputs: [])
            }
            return origin(before).difference(to: origin(now))?.description
        }
        let five = ["a", "b", "c", "d", "e"]
        #expect(
            reason(five.map { ($0, "1") }, five.map { ($0, "2") })
                == "redone, settings changed: a 1 → 2, b 1 → 2, c 1 → 2 and 2 more")
        #expect(reason([("a", "1")], [("b", "2")]) == "redone, settings changed: b unset → 2, a 1 → unset")
        #expect(reason([("a", "1"), ("b", "1")], [("b", "1"), ("a", "1")]) == "redone, settings changed: their order")
        #expect(reason([("a", "1")], [("a", "1")]) == nil)
    }
}
