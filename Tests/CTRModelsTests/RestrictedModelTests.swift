import Testing

@testable import CTRModels

@Suite struct RestrictedModelTests {
    private func logits(_ model: CTRModel, _ input: ModelInput) -> [Float] {
        var workspace = model.makeWorkspace(rows: 4)
        var logits = [Float](repeating: 0, count: input.count)
        model.logits(input, rows: 0..<input.count, workspace: &workspace, into: &logits)
        return logits
    }

    @Test(arguments: Fixture.names) func `logits are the full model's to the last bit`(name: String) throws {
        let fixture = try Fixture(name)
        let restricted = fixture.model.restricted(to: fixture.input)
        #expect(logits(restricted.model, restricted.input) == logits(fixture.model, fixture.input))
    }

    @Test(arguments: Fixture.names) func `weights after training are the full model's to the last bit`(
        name: String
    ) throws {
        let fixture = try Fixture(name)
        var restricted = fixture.model.restricted(to: fixture.input)
        func train(_ model: inout CTRModel, _ input: ModelInput) throws {
            var workspace = model.makeWorkspace(rows: 8)
            var gradient = Gradient(for: model)
            var optimizer = Optimizer(.adam(learningRate: 0.01), for: model)
            for rows in try fixture.batches() {
                gradient.clear()
                model.lossAndGradient(
                    input, rows: rows, labels: fixture.labels, workspace: &workspace, gradient: &gradient)
                optimizer.step(&model, gradient)
            }
        }
        var full = fixture.model
        try train(&full, fixture.input)
        try train(&restricted.model, restricted.input)
        var written = fixture.model
        restricted.write(to: &written)
        #expect(written.parameters == full.parameters)
        #expect(written.parameters != fixture.model.parameters)
    }

    @Test func `tables hold row 0 and the named rows in order of first appearance`() {
        let restricted = Small.model(Small.deepfm).restricted(to: Small.input, rows: 2..<5)
        // Rows 2 to 4 hold items 3, 8, 9 and genres 0; 4, 4, 7; 3: 9 and 7 are not in the tables.
        #expect(restricted.tableIDs == [[0, 3, 8], [0, 4, 3]])
        #expect(restricted.model.architecture.fields.map(\.rows) == [3, 3, 0])
        #expect(
            restricted.input
                == ModelInput(
                    count: 3,
                    columns: [
                        .categorical([1, 2, 0]), .multivalued(offsets: [0, 1, 4, 5], ids: [0, 1, 1, 0, 2]),
                        .dense([2, 0, 0.25]),
                    ]))
    }

    @Test func `other samples are mapped to the same rows, unknown ids to missing`() {
        let model = Small.model(Small.deepfm)
        let restricted = model.restricted(to: Small.input)
        #expect(restricted.restricting(Small.input) == restricted.input)
        let other = ModelInput(
            count: 1, columns: [.categorical([5]), .multivalued(offsets: [0, 2], ids: [3, 9]), .dense([1])])
        guard case .categorical(let items) = restricted.restricting(other).columns[0] else {
            Issue.record("not a categorical column")
            return
        }
        #expect(items == [0])
    }

    @Test func `samples without a known id make tables of one row`() {
        let model = Small.model(Small.deepfm)
        let input = ModelInput(
            count: 1, columns: [.categorical([0]), .multivalued(offsets: [0, 0], ids: []), .dense([2])])
        let restricted = model.restricted(to: input)
        #expect(restricted.model.parameters.tables.map(\.rows) == [1, 1])
        #expect(logits(restricted.model, restricted.input) == logits(model, input))
        #expect(model.restricted(to: input, rows: 1..<1).input.count == 0)
    }

    @Test func `many ids, few and close together, each get one row`() {
        let ids = (0..<3000).map { UInt32($0 % 1000 + 1) }.shuffled()
        var index = IDIndex()
        // The second time in the memory of the first.
        for _ in 0..<2 {
            index.clear(capacity: 1001)
            var rows: [UInt32] = []
            index.insert(ids[...], below: 1001, into: &rows)
            #expect(rows.count == ids.count)
            for (id, row) in zip(ids, rows) { #expect(index.ids[Int(row)] == id && index.row(of: id) == row) }
            #expect(index.ids.count == 1001)
            #expect(index.row(of: 5000) == 0 && index.row(of: 0) == 0)
            rows = []
            index.insert([5000, 0, 1001, 7], below: 1001, into: &rows)
            #expect(rows == [0, 0, 0, index.row(of: 7)])
        }
    }
}
