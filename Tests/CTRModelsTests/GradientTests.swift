import Testing

@testable import CTRModels

@Suite struct GradientTests {
    private let model = Small.model(Small.deepfm)

    private func add(_ rows: ArraySlice<Int32>, batchRows: Int? = nil, to gradient: inout Gradient) -> Double {
        var workspace = model.makeWorkspace(rows: 2)
        return model.lossAndGradient(
            Small.input, rows: rows, labels: Small.labels, batchRows: batchRows, workspace: &workspace,
            gradient: &gradient)
    }

    @Test func `touched rows are listed once each, in order of first touch, without id 0`() {
        var gradient = Gradient(for: model)
        _ = add([3, 0, 2, 1, 4], to: &gradient)
        #expect(Array(gradient.tables[0].ids) == [8, 3])
        #expect(Array(gradient.tables[1].ids) == [4, 1, 2, 3])
        #expect(gradient.tables[1].values.count == 4 * gradient.tables[1].width)
    }

    @Test func `a cleared gradient is a new one`() {
        var gradient = Gradient(for: model)
        _ = add([0, 1, 2], to: &gradient)
        gradient.clear()
        #expect(gradient.tables.allSatisfy { $0.count == 0 })
        _ = add([3, 5], to: &gradient)
        var new = Gradient(for: model)
        _ = add([3, 5], to: &new)
        #expect(gradient.dense == new.dense)
        #expect(gradient.tables.map { Array($0.ids) } == new.tables.map { Array($0.ids) })
        #expect(gradient.tables.map { Array($0.values) } == new.tables.map { Array($0.values) })
    }

    @Test func `a gradient reset for another model is that model's`() {
        var gradient = Gradient(for: model)
        _ = add([0, 1, 2, 3, 4, 5], to: &gradient)
        for other in [Small.model(Small.lr), model.restricted(to: Small.input, rows: 0..<1).model, model] {
            gradient.reset(for: other)
            var new = Gradient(for: other)
            var workspace = other.makeWorkspace(rows: 2)
            other.lossAndGradient(
                Small.input, rows: [0, 1], labels: Small.labels, workspace: &workspace, gradient: &gradient)
            other.lossAndGradient(
                Small.input, rows: [0, 1], labels: Small.labels, workspace: &workspace, gradient: &new)
            #expect(gradient.expanded(for: other) == new.expanded(for: other))
        }
    }

    @Test func `shards of a batch add up to the batch`() {
        var whole = Gradient(for: model)
        let loss = add([0, 1, 2, 3, 4, 5], to: &whole)
        var (first, second) = (Gradient(for: model), Gradient(for: model))
        let shardLoss = add([0, 1, 2], batchRows: 6, to: &first) + add([3, 4, 5], batchRows: 6, to: &second)
        first.add(second)
        #expect(abs(loss - shardLoss) < 1e-12)
        let (actual, expected) = (first.expanded(for: model), whole.expanded(for: model))
        #expect(agree(actual.dense, expected.dense, relative: 1e-5))
        for (table, expectedTable) in zip(actual.tables, expected.tables) {
            #expect(agree(table.values, expectedTable.values, relative: 1e-5))
        }
    }

    @Test(arguments: Small.all)
    func `a gradient that is replaced has the bits of one that is cleared before`(_ architecture: Architecture) {
        let (model, input) = (Small.model(architecture), Small.input(for: architecture))
        var workspace = model.makeWorkspace(rows: 2)
        var (replaced, cleared) = (Gradient(for: model), Gradient(for: model))
        // What it held before, of several passes and of none, is not to be seen.
        replaced.dense = replaced.dense.map { _ in .nan }
        for rows: ArraySlice<Int32> in [[3, 1, 4, 0, 5], [2], [], [0, 0, 1]] {
            model.lossAndGradient(
                input, rows: rows, labels: Small.labels, replacing: true, workspace: &workspace, gradient: &replaced)
            cleared.clear()
            model.lossAndGradient(
                input, rows: rows, labels: Small.labels, workspace: &workspace, gradient: &cleared)
            #expect(replaced.expanded(for: model) == cleared.expanded(for: model))
        }
    }

    @Test func `a batch without rows has no loss and no gradient`() {
        var gradient = Gradient(for: model)
        #expect(add([], to: &gradient) == 0)
        #expect(gradient.dense.allSatisfy { $0 == 0 } && gradient.tables.allSatisfy { $0.count == 0 })
    }
}
