import ModelExchange
import Testing

@testable import Pipelines

@Suite("A map of weights")
struct WeightMapFileTests {
    @Test("says in YAML what is made of what")
    func reads() throws {
        let map = try WeightMap(
            yaml: """
                names: {item: movie_id}
                ignore: ["*.num", other]
                tensors:
                  bias: out.bias
                  a: [x.weight, transpose, {rows: [1, -1]}, columns: [2]]
                  b: {sum: [p, [q, {zero_row: 0}]]}
                  c: [{concatenate_columns: [p, q]}, insert_zero_row, drop_row: -1]
                  d: {fill: 0.5}
                  "e.*": [{from: transpose}, {reshape: [1, 2]}, {repeat: 3}, keys: k.txt]
                  f: {concatenate: [p]}
                """, file: "m.yaml")
        #expect(map.names == ["item": "movie_id"] && map.ignored == ["*.num", "other"])
        #expect(map.rules.map(\.pattern) == ["bias", "a", "b", "c", "d", "e.*", "f"])
        #expect(map.rules[1].place == MapPlace(line: 5, column: 3))
        let made = map.rules.map(\.expression)
        #expect(made[0].source == .tensor("out.bias") && made[0].steps.isEmpty)
        #expect(made[1].steps.map(\.action) == [.transpose, .rows(from: 1, to: -1), .columns(from: 2, to: nil)])
        guard case .sum(let parts) = made[2].source else {
            Issue.record("no sum")
            return
        }
        #expect(parts[1].source == .tensor("q") && parts[1].steps.map(\.action) == [.zeroRow(0)])
        #expect(made[3].steps.map(\.action) == [.insertZeroRow, .dropRow(-1)])
        #expect(made[4].source == .fill(0.5))
        #expect(made[5].source == .tensor("transpose"))
        #expect(made[5].steps.map(\.action) == [.reshape([1, 2]), .repeated(3), .keys(file: "k.txt")])
        #expect(made[5].steps[2].place?.line == 9)
    }

    @Test(
        "is told each of its faults with its place",
        arguments: [
            ("- a", "m.yaml:1:1: error: a map must be a mapping with the key `tensors`, is a list"),
            ("names: {}", "m.yaml:1:1: error: `tensors` is missing"),
            ("tensors: {}\ntensor: {}", "m.yaml:2:1: error: unknown key `tensor`; did you mean `tensors`?"),
            ("tensors: [a]", "m.yaml:1:10: error: `tensors` must be a mapping, is a list"),
            ("tensors: {a: []}", "m.yaml:1:14: error: an empty list makes no tensor"),
            ("tensors: {a: }", "error: this must be a source"),
            ("tensors: {a: [b, transpos]}", "m.yaml:1:18: error: unknown step `transpos`; did you mean `transpose`?"),
            ("tensors: {a: [b, rows: 3]}", "error: `rows` must be [from, up to but not with] or [from]"),
            ("tensors: {a: [b, drop_row: x]}", "error: `drop_row` must be a row's number"),
            ("tensors: {a: [b, repeat: 0]}", "error: `repeat` must be a number of copies, at least 1"),
            ("tensors: {a: [b, reshape: [-1]]}", "error: `reshape` must be a list of sizes"),
            ("tensors: {a: {rows: [1]}}", "error: `rows` needs a tensor before it; write [tensor, rows: …]"),
            ("tensors: {a: [b, from: c]}", "error: `from` stands first"),
            ("tensors: {a: {sum: b}}", "error: `sum` must be a list of tensors"),
            ("tensors: {a: {fill: inf}}", "error: `fill` must be a number"),
            ("tensors: {a: {fill: 1, from: b}}", "error: this must be a source"),
            ("tensors: {a.*.*: b}", "m.yaml:1:11: error: `a.*.*` has more than one `*`"),
            ("tensors: {a: b, a: c}", "stands here twice"), ("tensors: {a: [b", "m.yaml:"),
            ("names: [a]\ntensors: {}", "error: `names` must be a mapping from our names"),
            ("ignore: {a: b}\ntensors: {}", "error: `ignore` must be a list of names, is a mapping"),
        ])
    func faults(yaml: String, says: String) {
        let error = #expect(throws: PipelineError.self) { try WeightMap(yaml: yaml, file: "m.yaml") }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
}
