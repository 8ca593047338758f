import Samples
import Testing

@Suite("Stage errors")
struct StageErrorTests {
    @Test(
        "show their place as compilers do",
        arguments: [
            (SourcePosition(file: "a.csv"), "a.csv: error: broken"),
            (SourcePosition(file: "a.csv", line: 3), "a.csv:3: error: broken"),
            (SourcePosition(file: "a.csv", line: 3, column: 2, byteOffset: 40), "a.csv:3:2: error: broken"),
            (SourcePosition(file: "a.zip", entry: "b/c.csv", line: 3, column: 2), "a.zip(b/c.csv):3:2: error: broken"),
            (SourcePosition(file: "a.arrows", byteOffset: 40), "a.arrows: byte 40: error: broken"),
        ])
    func places(position: SourcePosition, expected: String) {
        #expect("\(StageError(.data, "broken", at: position))" == expected)
    }

    @Test("end with what to do about it")
    func advice() {
        #expect("\(StageError(.usage, "broken", advice: "mend it"))" == "error: broken; mend it")
    }
}
