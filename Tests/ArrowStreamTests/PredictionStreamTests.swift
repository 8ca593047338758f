import ArrowStream
import Samples
import Testing

@Suite struct PredictionStreamTests {
    private func decode(_ bytes: [UInt8]) throws -> [PredictionBatch] {
        let decoder = try PredictionStreamDecoder(ArrowStreamDecoder(name: "x.arrows", bytes: bytes))
        var batches: [PredictionBatch] = []
        while let batch = try decoder.nextBatch() { batches.append(batch) }
        return batches
    }

    private func message(_ bytes: [UInt8]) -> String? {
        #expect(throws: StageError.self) { try decode(bytes) }?.message
    }

    private func stream(_ batches: [PredictionBatch]) -> [UInt8] {
        let encoder = batches[0].makeEncoder()
        return encoder.start() + batches.flatMap { encoder.encode($0) } + encoder.end()
    }

    @Test func predictionsComeBackAsTheyWent() throws {
        for groups in [nil, [1, 0, -1]] as [[Int64]?] {
            let batches = [TestBatches.predictions(groups: groups), TestBatches.predictions(groups: groups)]
            #expect(try decode(stream(batches)) == batches)
        }
    }

    @Test func heldOutUsersStandInAColumnWhereTheStoreHasThem() throws {
        let batch = TestBatches.markedPredictions()
        #expect(try decode(stream([batch, batch])) == [batch, batch])
        let names = batch.makeEncoder().arrow.schema.fields.map(\.name)
        #expect(names.suffix(4) == ["kept", "held_out", "logit_cloud", "logit_corrected_gated"])
        // Other stores' streams are what they were before there was the column.
        let plain = TestBatches.predictions()
        #expect(plain.makeEncoder().arrow.schema.fields.map(\.name) == names.filter { $0 != "held_out" })
        #expect(try decode(stream([plain])).allSatisfy { $0.heldOut == nil })
    }

    @Test func aColumnOfHeldOutUsersMustBeWhole() {
        let batch = TestBatches.markedPredictions()
        var arrow = batch.makeEncoder().arrowBatch(batch)
        arrow.columns[10].validity = [true, false, true]
        #expect(message(TestBatches.stream([arrow])) == "column `held_out` is null in row 2")
        var schema = batch.makeEncoder().arrow.schema
        schema.fields[10].type = .integer(.uint8)
        let encoder = ArrowStreamEncoder(
            schema: schema, dictionaries: [3: ArrowColumn(.text(TextColumn(["test"])))])
        #expect(message(encoder.start() + encoder.end()) == "column `held_out` must be bool, is uint8")
    }

    @Test func textUsersAndNoArmsComeBack() throws {
        let schema = PredictionSchema(
            userKind: .text, arms: [], globalCTR: 1e-9, seed: 0, users: 0, fingerprints: [:])
        var batch = PredictionBatch(schema)
        batch.users = .text(TextColumn(["é"]))
        batch.times = [0]
        batch.labels = [1]
        batch.parts = [.test]
        batch.items = [0]
        batch.trainSamples = [0]
        batch.trainPositives = [0]
        batch.itemSeen = [false]
        batch.kept = [false]
        let encoder = batch.makeEncoder()
        #expect(try decode(encoder.start() + encoder.encode(batch) + encoder.end()) == [batch])
    }

    @Test func aStreamWithoutRowsGivesItsSchemaOnce() throws {
        let encoder = PredictionStreamEncoder(schema: TestBatches.predictionSchema)
        #expect(try decode(encoder.start() + encoder.end()) == [PredictionBatch(TestBatches.predictionSchema)])
    }

    @Test func groupsAreAllThereOrAllNull() {
        let batch = TestBatches.predictions(groups: [1, 2, 3])
        let encoder = batch.makeEncoder()
        var arrow = encoder.arrowBatch(batch)
        arrow.columns[4].validity = [true, false, true]
        #expect(message(TestBatches.stream([arrow])) == "column `group` is null in row 2")
    }

    @Test func groupsNeitherComeNorGoMidway() throws {
        let none = TestBatches.predictions()
        let some = TestBatches.predictions(groups: [1, 2, 3])
        #expect(message(stream([some, none])) == "column `group` is null in row 4")
        #expect(message(stream([none, some])) == "column `group` has a value, as no earlier row does, in row 4")
        // Batches without rows decide nothing.
        let empty = PredictionBatch(TestBatches.predictionSchema)
        #expect(try decode(stream([empty, some, empty, some])) == [empty, some, empty, some])
    }

    @Test func samplesAreToldApart() {
        let encoder = TestBatches.samples.makeEncoder()
        #expect(message(encoder.start() + encoder.end()) == "this is a stream of samples, not of predictions")
    }

    @Test func faultsOfTheSchemaAreNamed() {
        let cases: [(String, (inout ArrowSchema) -> Void)] = [
            ("the stream has no column `kept`", { $0.fields.remove(at: 9) }),
            ("column `kept` must be bool, is uint8", { $0.fields[9].type = .integer(.uint8) }),
            ("column `logit_cloud` must be float64, is float32", { $0.fields[10].type = .float32 }),
            ("the stream's metadata has no `plumb.seed`", { $0.metadata["plumb.seed"] = nil }),
            ("the stream's `plumb.seed` is `-1`, which is no number", { $0.metadata["plumb.seed"] = "-1" }),
            ("the stream's `plumb.users` is -1", { $0.metadata["plumb.users"] = "-1" }),
            ("the stream's `plumb.global_ctr` is nan, which is no share", { $0.metadata["plumb.global_ctr"] = "nan" }),
            ("the stream's `plumb.global_ctr` is 1.5, which is no share", { $0.metadata["plumb.global_ctr"] = "1.5" }),
        ]
        for (expected, change) in cases {
            var schema = TestBatches.predictions().makeEncoder().arrow.schema
            change(&schema)
            let names = ArrowColumn(.text(TextColumn(["test"])))
            let encoder = ArrowStreamEncoder(schema: schema, dictionaries: [3: names])
            #expect(message(encoder.start() + encoder.end()) == expected)
        }
    }
}
