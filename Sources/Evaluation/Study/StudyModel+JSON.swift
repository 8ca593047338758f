import OrderedJSON
public import Samples

extension StudyModel {
    /// The bytes of a model's results; equal ones give equal bytes.
    public func json() -> [UInt8] { Array(document.text(.indented).utf8) }

    /// The document that those bytes are.
    var document: JSONValue {
        let schedules = schedules.map { schedule in
            JSONValue.object([
                "name": .string(schedule.name),
                "validation_gauc": .object(
                    schedule.validation.map { .init($0.arm, .array($0.gauc.values.map { .number($0) })) }),
                "diverged": .array(schedule.diverged.map { .integer($0) }), "test": schedule.test.document,
            ])
        }
        let choices = choices.map { choice in
            JSONValue.object([
                "arm": .string(choice.arm), "schedule": .string(choice.schedule),
                "validation_gain": .number(choice.gain),
            ])
        }
        return .object([
            "model": .string(name), "choices": .array(choices), "best": best.document,
            "schedules": .array(schedules),
        ])
    }

    /// Results from their bytes.
    ///
    /// - Parameter name: the file, for errors.
    /// - Throws: `data` with the byte where it is no JSON, with the member's path where it has the wrong shape.
    public init(json: [UInt8], name file: String) throws(StageError) {
        let document: JSONNode
        let model: String
        let choices: [Choice]
        let best: JSONNode
        var schedules: [(name: String, validation: [ArmGAUC], diverged: [Int], test: JSONNode)] = []
        do throws(JSONError) {
            document = JSONNode(try JSONValue(utf8: json[...]))
            model = try document.member("model").string()
            choices = try document.member("choices").elements().map { node throws(JSONError) in
                Choice(
                    arm: try node.member("arm").string(), schedule: try node.member("schedule").string(),
                    gain: try node.member("validation_gain").double())
            }
            best = try document.member("best")
            for node in try document.member("schedules").elements() {
                var validation: [ArmGAUC] = []
                for (arm, values) in try node.member("validation_gauc").members() {
                    let numbers = try values.elements().map { value throws(JSONError) in try value.optionalDouble() }
                    validation.append(ArmGAUC(arm: arm, gauc: SeedSpread(numbers)))
                }
                schedules.append(
                    (
                        try node.member("name").string(), validation, try node.member("diverged").integers(),
                        try node.member("test")
                    ))
            }
        } catch {
            throw StageError(.data, error.message, at: SourcePosition(file: file, byteOffset: error.byteOffset))
        }
        self.init(
            name: model,
            schedules: try schedules.map { schedule throws(StageError) in
                Schedule(
                    name: schedule.name, validation: schedule.validation,
                    test: try RunSummary(schedule.test, name: file), diverged: schedule.diverged)
            }, choices: choices, best: try RunSummary(best, name: file))
    }
}
