import LogIngest
import Samples
import Testing

struct IngestErrorTests {
    /// What follows the first bad row where none is allowed.
    static let advice = "; --rejects keeps bad rows in a file, --max-rejects says how many may be"

    /// Ingests `text` and returns the failure, `FILE` in the place of its path, without `advice`.
    static func failure(
        _ text: String, _ change: (inout IngestSettings) -> Void = { _ in }
    ) async throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.file("log.csv", text)
        var settings = IngestSettings.small([path])
        change(&settings)
        guard let failure = await Ingested.failure(settings) else { return "none" }
        var description = failure.description
        if failure.code == .tooManyRejects && description.hasSuffix(advice) { description.removeLast(advice.count) }
        guard description.hasPrefix(path) else { return description }
        return "FILE" + description.dropFirst(path.count)
    }

    @Test
    func namesLineAndFieldOfTheFirstBadValue() async throws {
        let cases: [(String, String)] = [
            (
                "x,2,3,4\n1,2,a,4\n",
                "FILE:2:1: error: `user` must be an integer, is `x`; set the user's kind to text if keys are text"
            ),
            ("1,2,3,4\n1,2,abc,4\n", "FILE:3:3: error: `rating` must be a number, is `abc`"),
            ("1,2,3,\n", "FILE:2:4: error: `time` must be a time in seconds since 1970, is empty"),
            ("1,2,3,999999999999\n", "FILE:2:4: error: `time` must be a time in seconds since 1970, is `999999999999`"),
            ("1,2,3,4\n1,2,3\n", "FILE:3: error: the row has 3 fields, not 4 as expected"),
            // The first in the log, whichever column and however it is bad.
            (
                "1,2,3,4\n1,2,3,x\n1,2,x,4\nx,2,3,4\n",
                "FILE:3:4: error: `time` must be a time in seconds since 1970, is `x`"
            ),
            ("1,2,3,4\n1,2,3,x\n1,2\n", "FILE:3:4: error: `time` must be a time in seconds since 1970, is `x`"),
            ("1,2,\"a\nb\",4\n", #"FILE:2:3: error: `rating` must be a number, is `a\nb`"#),
        ]
        for (rows, expected) in cases {
            #expect(try await Self.failure("user,item,rating,time\n" + rows) == expected)
        }
    }

    @Test
    func refusesBadRowsFarIntoTheLog() async throws {
        let rows = String(repeating: "1,2,3,4\n", count: 50_000)
        let text = "user,item,rating,time\n" + rows + "1,2,3,4x\n" + rows
        #expect(
            try await Self.failure(text)
                == "FILE:50002:4: error: `time` must be a time in seconds since 1970, is `4x`")
    }

    @Test
    func refusesKeysThatAreNotUTF8() async throws {
        let folder = try TemporaryFolder()
        let bytes = Array("user,item,rating,time\n1,".utf8) + [0x4D, 0xE9] + Array(",3,4\n".utf8)
        let path = try folder.file("log.csv", bytes)
        let failure = await Ingested.failure(.small([path]))
        #expect(failure?.position?.line == 2)
        #expect(failure?.position?.column == 2)
        #expect(failure?.message.contains("UTF-8") == true)
        // Where no feature uses it, it does not matter.
        var settings = IngestSettings.small([path])
        settings.roles.item = nil
        #expect(try await Ingested(settings).users == [1])
    }

    @Test
    func listsTheColumnsWhereOneIsMissing() async throws {
        #expect(
            try await Self.failure("userId,item,rating,time\n1,2,3,4\n")
                == "FILE:1: error: there is no column `user`; the columns are `userId`, `item`, `rating`, `time`")
        #expect(
            try await Self.failure("user,item,ratings,time\n1,2,3,4\n")
                == "FILE:1: error: there is no column `rating`; did you mean `ratings`? the columns are `user`, `item`, `ratings`, `time`"
        )
        #expect(
            try await Self.failure("user,item,rating,time,user\n1,2,3,4,5\n")
                == "FILE:1: error: two columns are called `user`")
        #expect(try await Self.failure("\n\n") == "FILE: error: holds no header row")
    }

    @Test
    func namesAFileThatIsMissing() async {
        let failure = await Ingested.failure(.small(["/nowhere/log.csv"]))
        #expect(failure?.code == .environment)
        #expect(failure?.description == "/nowhere/log.csv: error: No such file or directory")
    }

    @Test
    func refusesDenseFieldsThatAreNoNumber() async throws {
        func dense(_ missing: [String]) -> (inout IngestSettings) -> Void {
            { $0.features = [.init(name: "price", column: "price", kind: .dense(), missing: missing)] }
        }
        let text = "user,item,rating,time,price\n1,2,3,4,1.5\n1,2,3,4,\n"
        #expect(
            try await Self.failure(text, dense([]))
                == #"FILE:3:5: error: `price` must be a number, is empty; list "" as missing to read it as 0"#)
        #expect(try await Self.failure(text, dense([""])) == "none")
        #expect(
            try await Self.failure(text + "1,2,3,4,NA\n", dense([""])).contains("`price` must be a number, is `NA`"))
        #expect(try await Self.failure(text + "1,2,3,4,1e39\n", dense([""])).contains("is `1e39`"))
    }

    @Test
    func boundsTheValuesOfOneField() async throws {
        func tags(_ count: Int) -> String {
            "user,item,rating,time,tags\n1,2,3,4," + String(repeating: "a|", count: count - 1) + "a\n"
        }
        let change: (inout IngestSettings) -> Void = {
            $0.features = [.init(name: "tags", column: "tags", kind: .multivalued(separator: "|", .dictionary))]
        }
        #expect(try await Self.failure(tags(65_535), change) == "none")
        #expect(try await Self.failure(tags(65_536), change).contains("must be at most 65535 values"))
    }

    @Test
    func readsZeroOneLabels() async throws {
        let zeroOne: (inout IngestSettings) -> Void = { $0.roles.label = .zeroOne(column: "rating") }
        #expect(try await Self.failure("user,item,rating,time\n1,2,0,4\n1,2,1.0,4\n", zeroOne) == "none")
        #expect(
            try await Self.failure("user,item,rating,time\n1,2,2,4\n", zeroOne)
                == "FILE:2:3: error: `rating` must be 0 or 1, is `2`")
    }
}
