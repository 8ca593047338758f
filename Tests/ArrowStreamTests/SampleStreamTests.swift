import ArrowStream
import Samples
import Testing

@Suite struct SampleStreamTests {
    private func decode(_ bytes: [UInt8]) throws -> [SampleBatch] {
        let decoder = try SampleStreamDecoder(ArrowStreamDecoder(name: "x.arrows", bytes: bytes))
        var batches: [SampleBatch] = []
        while let batch = try decoder.nextBatch() { batches.append(batch) }
        return batches
    }

    private func stream(_ batches: SampleBatch...) -> [UInt8] {
        let encoder = batches[0].makeEncoder()
        return encoder.start() + batches.flatMap { encoder.encode($0) } + encoder.end()
    }

    @Test func samplesComeBackAsTheyWent() throws {
        var last = TestBatches.samples
        last.continuesUser = false
        #expect(try decode(stream(TestBatches.samples, last)) == [TestBatches.samples, last])
    }

    @Test func groupsComeBackAsTheyWent() throws {
        let batch = TestBatches.groupedSamples
        #expect(try decode(stream(batch, batch)) == [batch, batch])
        #expect(
            batch.makeEncoder().arrow.schema.fields.map(\.name)
                == ["user", "time", "label", "label_corrected", "part", "group", "genres", "item", "age"])
        let plain = SampleBatch(
            batch.schema, users: batch.users, times: batch.times, labels: batch.labels, groups: batch.groups,
            features: batch.features)
        #expect(try decode(stream(plain)) == [plain])
    }

    @Test func groupsAreACellLikeAnyOther() {
        let batch = TestBatches.groupedSamples
        let encoder = batch.makeEncoder()
        let csv = ArrowTextEncoder(schema: encoder.arrow.schema, style: .csv)
        let lines = String(decoding: csv.start() + csv.encode(encoder.arrowBatch(batch), rows: 0..<1), as: UTF8.self)
        #expect(
            lines == "user,time,label,label_corrected,part,group,genres,item,age\n"
                + "a,1970-01-01T00:00:00.000Z,0.0,0.25,train,3,[],1,0.1\n")
        let json = ArrowTextEncoder(schema: encoder.arrow.schema, style: .jsonLines)
        let line = String(decoding: json.encode(encoder.arrowBatch(batch), rows: 2..<3), as: UTF8.self)
        #expect(line.contains("\"part\":\"test\",\"group\":-9223372036854775808,\"genres\":[]"))
    }

    @Test func faultsOfGroupsAreNamed() {
        let batch = TestBatches.groupedSamples
        let encoder = batch.makeEncoder()
        let schemas: [(String, (inout ArrowSchema) -> Void)] = [
            ("column `group` must be int64, is int32", { $0.fields[5].type = .integer(.int32) }),
            ("two columns have the role `group`", { $0.fields[6].metadata["plumb.role"] = "group" }),
            ("column `group` has no role", { $0.fields[5].metadata = [:] }),
            ("two columns are called `group`", { $0.fields[6].name = "group" }),
        ]
        for (expected, change) in schemas { #expect(message(schema(of: batch, change)) == expected) }
        var arrow = encoder.arrowBatch(batch)
        arrow.columns[5].validity = [true, true, true, false, true]
        #expect(
            message(encoder.start() + encoder.encode(batch) + encoder.arrow.encode(arrow) + encoder.end())
                == "column `group` is null in row 9")
    }

    @Test func aBatchWithoutTheGroupsThatTheSchemaPromisesIsAnError() throws {
        // The batch is one of a stream without groups, so it has the buffers of a column less.
        let grouped = TestBatches.groupedSamples.makeEncoder()
        let plain = TestBatches.samples.makeEncoder()
        let error = message(grouped.start() + plain.encode(TestBatches.samples) + grouped.end())
        #expect(error?.hasPrefix("column `group`: ") == true, "\(error ?? "no error")")
    }

    @Test func integerUsersAndUnpartitionedSamplesComeBack() throws {
        let schema = SampleSchema(userKind: .integer, features: [], item: nil)
        let batch = SampleBatch(schema, users: .integers([.min, .max]), times: [1, 2], labels: [1, 0], features: [])
        let read = try decode(stream(batch))
        #expect(read == [batch])
        #expect(read[0].parts == nil && read[0].correctedLabels == nil)
    }

    @Test(arguments: 0..<8) func aStreamWithoutRowsGivesItsSchemaOnce(columns: Int) throws {
        let (partitioned, corrected, grouped) = (columns & 1 != 0, columns & 2 != 0, columns & 4 != 0)
        var schema = TestBatches.sampleSchema
        schema.hasGroups = grouped
        let encoder = SampleStreamEncoder(schema: schema, partitioned: partitioned, corrected: corrected)
        var empty = SampleBatch(schema, partitioned: partitioned)
        if corrected { empty.correctedLabels = [] }
        #expect((empty.groups != nil) == grouped)
        #expect(try decode(encoder.start() + encoder.end()) == [empty])
        #expect(try decode(encoder.start() + encoder.encode(empty) + encoder.end()) == [empty])
    }

    @Test(arguments: ["pyarrow-samples", "pyarrow-samples-large", "pyarrow-samples-views"])
    func samplesThatPyarrowWroteAreRead(name: String) throws {
        let batches = try decode(Fixture.bytes("\(name).arrows"))
        let batch = try #require(batches.first)
        #expect(batches.count == 1)
        var tags = ListColumn()
        for ids: [UInt32] in [[1, 50], [], [7]] { tags.append(ids) }
        let schema = SampleSchema(
            userKind: .text,
            features: [
                .init(name: "item", kind: .categorical, encoding: .dictionary),
                .init(name: "tags", kind: .multivalued, encoding: .hash(size: 50)),
                .init(name: "age", kind: .dense, encoding: nil),
            ], item: 0)
        #expect(
            batch
                == SampleBatch(
                    schema, users: .text(TextColumn(["ann", "ann", "a name longer than twelve"])), times: [10, 11, 5],
                    labels: [1, 0, 1], parts: [.train, .test, .train],
                    features: [.categorical([3, 4, 3]), .multivalued(tags), .dense([0.5, 1.5, -1])]))
    }

    @Test func groupsThatPyarrowWroteAreRead() throws {
        let batches = try decode(Fixture.bytes("pyarrow-samples-groups.arrows"))
        #expect(batches.map(\.groups) == [[70_000_000_000, 70_000_000_000, -1]])
        #expect(batches.first?.schema.hasGroups == true)
        #expect(batches.first?.parts == [.train, .train, .test])
        #expect(batches.first?.items == [3, 4, 3])
    }

    @Test func predictionsAndForeignStreamsAreToldApart() {
        let predictions = PredictionStreamEncoder(schema: TestBatches.predictionSchema)
        #expect(message(predictions.start() + predictions.end()) == "this is a stream of predictions, not of samples")
        #expect(
            message(TestBatches.stream([TestBatches.everyType]))
                == "this is an Arrow stream, but not one of samples")
    }

    @Test func anotherFormatIsRefused() {
        #expect(
            message(schema { $0.metadata["plumb.format"] = "2" })
                == "the stream's `plumb.format` is `2`, where 1 is read")
        #expect(
            message(schema { $0.metadata["plumb.format"] = nil })
                == "the stream's `plumb.format` is not given, where 1 is read")
    }

    @Test func wrongTypesAndRolesNameTheColumn() {
        let cases: [(String, (inout ArrowSchema) -> Void)] = [
            ("column `user` must be int64 or utf8, is float32", { $0.fields[0].type = .float32 }),
            (
                "column `time` must be timestamp[ms, UTC], is timestamp[us, UTC]",
                { $0.fields[1].type = .timestamp(.microsecond, timezone: "UTC") }
            ),
            (
                "column `time` must be timestamp[ms, UTC], is timestamp[ms]",
                { $0.fields[1].type = .timestamp(.millisecond, timezone: nil) }
            ),
            ("column `label` must be float32, is utf8", { $0.fields[2].type = .utf8 }),
            ("column `label_corrected` must be float32, is float64", { $0.fields[3].type = .float64 }),
            ("column `part` must be dictionary<int8, utf8>, is bool", { $0.fields[4].type = .bool }),
            (
                "column `genres` must be list<uint32>, is list<int64>",
                { $0.fields[5].type = .list(.integer(.int64)) }
            ),
            ("column `item` must be uint32, is int64", { $0.fields[6].type = .integer(.int64) }),
            ("column `age` must be float32, is float64", { $0.fields[7].type = .float64 }),
            ("column `age` has no role", { $0.fields[7].metadata = [:] }),
            ("column `age` has the unknown role `x`", { $0.fields[7].metadata["plumb.role"] = "x" }),
            ("two columns have the role `label`", { $0.fields[3].metadata["plumb.role"] = "label" }),
            ("two columns have the role `item`", { $0.fields[7].metadata = $0.fields[6].metadata }),
            ("two columns are called `age`", { $0.fields[6].name = "age" }),
            ("no column has the role `user`", { $0.fields.remove(at: 0) }),
            ("no column has the role `time`", { $0.fields.remove(at: 1) }),
            ("no column has the role `label`", { $0.fields.remove(at: 2) }),
            (
                "column `age` is the item, so it must be categorical",
                {
                    $0.fields[6].metadata["plumb.role"] = "feature"
                    $0.fields[7].metadata["plumb.role"] = "item"
                }
            ),
            (
                "column `age` must say in `plumb.kind` whether it is categorical, multivalued or dense",
                { $0.fields[7].metadata["plumb.kind"] = "x" }
            ),
            (
                "column `item` must say in `plumb.encoding` whether its ids are of a dictionary or a hash",
                { $0.fields[6].metadata["plumb.encoding"] = nil }
            ),
            (
                "column `genres` must give its hash size in `plumb.hash_size`",
                { $0.fields[5].metadata["plumb.hash_size"] = "0" }
            ),
        ]
        for (expected, change) in cases { #expect(message(schema(change)) == expected) }
    }

    @Test func rowsThatMakeNoSampleNameColumnAndRow() {
        let cases: [(String, (inout ArrowBatch) -> Void)] = [
            (
                "column `label` is nan, where a finite label must be in row 8",
                { $0.columns[2].values = .float32([0, 0, .nan, 1, 1]) }
            ),
            (
                "column `label_corrected` is inf, where a finite label must be in row 6",
                { $0.columns[3].values = .float32([.infinity, 0, 0, 1, 1]) }
            ),
            ("column `user` is null in row 7", { $0.columns[0].validity = [true, false, true, true, true] }),
            ("column `age` is null in row 10", { $0.columns[7].validity = [true, true, true, true, false] }),
            ("column `part` is null in row 6", { $0.columns[4].validity = [false, false, true, true, true] }),
            (
                "column `genres` has a null in its list in row 10",
                {
                    let items = ArrowColumn(.uint32([1, 2, 7, 100]), validity: [true, true, true, false])
                    $0.columns[5].values = .list(offsets: [0, 0, 2, 2, 2, 4], items: items)
                }
            ),
            (
                "column `genres` holds the id 101, beyond its hash size of 100",
                {
                    let items = ArrowColumn(.uint32([1, 2, 101, 100]))
                    $0.columns[5].values = .list(offsets: [0, 0, 2, 2, 2, 4], items: items)
                }
            ),
        ]
        let encoder = TestBatches.samples.makeEncoder()
        for (expected, change) in cases {
            var batch = encoder.arrowBatch(TestBatches.samples)
            change(&batch)
            let bytes =
                encoder.start() + encoder.encode(TestBatches.samples) + encoder.arrow.encode(batch) + encoder.end()
            #expect(message(bytes) == expected)
        }
    }

    @Test func anUnknownPartIsAnError() {
        var batch = TestBatches.samples.makeEncoder().arrowBatch(TestBatches.samples)
        let names = ArrowColumn(.text(TextColumn(["train", "holdout"])))
        batch.columns[4] = ArrowColumn(.dictionary(indices: [0, 0, 1, 0, 0], values: names))
        #expect(
            message(TestBatches.stream([batch]))
                == "column `part` is `holdout`; parts are train, validation and test in row 3")
    }

    /// The error of a stream that has the samples' schema, changed, and no rows.
    private func schema(
        of batch: SampleBatch = TestBatches.samples, _ change: (inout ArrowSchema) -> Void
    ) -> [UInt8] {
        var schema = batch.makeEncoder().arrow.schema
        change(&schema)
        var dictionaries: [Int: ArrowColumn] = [:]
        for (index, field) in schema.fields.enumerated() {
            if case .dictionary = field.type { dictionaries[index] = ArrowColumn(.text(TextColumn(["train"]))) }
        }
        let encoder = ArrowStreamEncoder(schema: schema, dictionaries: dictionaries)
        return encoder.start() + encoder.end()
    }

    private func message(_ bytes: [UInt8]) -> String? {
        #expect(throws: StageError.self) { try decode(bytes) }?.message
    }
}
