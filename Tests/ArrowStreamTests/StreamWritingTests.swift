import ArrowStream
import ByteStreams
import Samples
import Testing

@Suite struct StreamWritingTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func sink(_ name: String = "out") throws -> ByteSink { ByteSink(try OutputFile(path: folder.path(name))) }

    private func samples(_ name: String = "out") async throws -> [SampleBatch] {
        var batches: [SampleBatch] = []
        for try await batch in ThreadedSequence<SampleBatch>(arrowStream: folder.path(name)) { batches.append(batch) }
        return batches
    }

    @Test func whatIsWrittenIsReadBackBatchByBatch() async throws {
        var empty = TestBatches.samples
        empty = SampleBatch(empty.schema, partitioned: empty.parts != nil)
        empty.correctedLabels = TestBatches.samples.correctedLabels.map { _ in [] }
        let batches = [empty, TestBatches.samples, empty, TestBatches.samples]
        let counts = try await StreamSource(batches: batches).write(to: sink(), as: .arrow)
        #expect(try await samples() == batches)
        #expect(counts.rows == 10)
        #expect(counts.batches == 4)
        #expect(try counts.bytes == folder.bytes("out").count)
    }

    @Test func predictionsAreWrittenAndReadTheSameWay() async throws {
        let batches = [[5, -5, .max], [.min, 0, 0]].map { TestBatches.predictions(groups: $0) }
        _ = try await StreamSource(batches: batches).write(to: sink(), as: .arrow)
        var read: [PredictionBatch] = []
        for try await batch in ThreadedSequence<PredictionBatch>(arrowStream: folder.path("out")) { read.append(batch) }
        #expect(read == batches)
    }

    @Test(arguments: [(StreamFormat.jsonl, 6), (.csv, 7)]) func linesAreOneARow(format: StreamFormat, lines: Int)
        async throws
    {
        let source = StreamSource(batches: [TestBatches.predictions(), TestBatches.predictions()])
        let counts = try await source.write(to: sink(), as: format)
        let bytes = try folder.bytes("out")
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == lines)
        #expect(counts.bytes == bytes.count)
    }

    @Test(arguments: StreamFormat.allCases) func aFailureUpstreamPublishesNothing(format: StreamFormat) async throws {
        let source = StreamSource(batches: [TestBatches.samples], failure: StageError(.data, "torn"))
        await #expect(throws: StageError(.data, "torn")) { _ = try await source.write(to: sink(), as: format) }
        #expect(folder.files.isEmpty)
    }

    @Test func aStreamWithoutAFirstBatchIsAnError() async throws {
        let source = StreamSource<SampleBatch>(batches: [])
        await #expect(throws: StageError.self) { _ = try await source.write(to: sink(), as: .arrow) }
        #expect(folder.files.isEmpty)
    }

    @Test func batchesPassWhileTheyAreWritten() async throws {
        let batches = [TestBatches.samples, TestBatches.samples]
        var passed: [SampleBatch] = []
        for try await batch in StreamSource(batches: batches).writing(to: try sink()) {
            #expect(folder.files == [".out.partial"])
            passed.append(batch)
        }
        #expect(passed == batches)
        #expect(folder.files == ["out"])
        #expect(try await samples() == batches)
    }

    @Test func passingAndWritingGiveTheSameBytes() async throws {
        let source = StreamSource(batches: [TestBatches.samples, TestBatches.samples])
        _ = try await source.write(to: sink("a"), as: .arrow)
        for try await _ in source.writing(to: try sink("b")) {}
        #expect(try folder.bytes("a") == folder.bytes("b"))
    }

    @Test func aFailureUpstreamPassesAndLeavesNoFile() async throws {
        let torn = StageError(.data, "torn")
        do {
            let source = StreamSource(batches: [TestBatches.samples], failure: torn).writing(to: try sink())
            var iterator = source.makeAsyncIterator()
            #expect(try await iterator.next(isolation: nil) == TestBatches.samples)
            await #expect(throws: torn) { try await iterator.next(isolation: nil) }
            // Asking again after a failure must not finish the file.
            #expect(try await iterator.next(isolation: nil) == nil)
        }
        #expect(folder.files.isEmpty)
    }

    @Test func aConsumerThatStopsEarlyLeavesNoFile() async throws {
        do {
            let source = StreamSource(batches: [TestBatches.samples, TestBatches.samples]).writing(to: try sink())
            for try await _ in source { break }
        }
        #expect(folder.files.isEmpty)
    }

    @Test func aCancelledTaskStopsWritingAndLeavesNoFile() async throws {
        let sink = try sink()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await StreamSource(batches: [TestBatches.samples]).write(to: sink, as: .arrow)
        }
        await #expect(throws: StageError.cancelled) { try await task.value }
    }

    @Test func aTornFileIsReadUpToTheTearThenFails() async throws {
        _ = try await StreamSource(batches: [TestBatches.samples, TestBatches.samples]).write(to: sink(), as: .arrow)
        try folder.write(folder.bytes("out").dropLast(), to: "torn")
        var passed = 0
        let error = await #expect(throws: StageError.self) {
            for try await _ in ThreadedSequence<SampleBatch>(arrowStream: folder.path("torn")) { passed += 1 }
        }
        #expect(passed == 2)
        #expect(error?.message == "the stream ends without its end-of-stream marker")
        #expect(error?.position?.file == folder.path("torn"))
    }

    @Test func aMissingFileIsAnErrorOfTheEnvironment() async throws {
        let error = await #expect(throws: StageError.self) {
            for try await _ in ThreadedSequence<SampleBatch>(arrowStream: folder.path("none")) {}
        }
        #expect(error?.code == .environment)
    }
}
