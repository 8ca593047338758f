import LogIngest
import Samples
import Testing

struct IngestSettingsTests {
    static let mistakes: [(@Sendable (inout IngestSettings) -> Void, String)] = [
        ({ $0.log = "lgo" }, "there is no source `lgo` for the log; the sources are log, items"),
        ({ $0.sources[1].name = "log" }, "two sources are called `log`"),
        ({ $0.sources[0].paths = [] }, "names no file"),
        ({ $0.sources[0].paths = ["-", "-"] }, "standard input"),
        (
            {
                $0.sources[0].paths = ["-"]
                $0.vocabulary = "-"
            }, "standard input"
        ),
        (
            {
                $0.sources[1].paths = ["-"]
                $0.features[0].join?.key = "name"
            }, "the source `items` is read 2 times; name a file"
        ),
        ({ $0.sources[0].format = .csv(delimiter: "") }, "a delimiter is one or more characters"),
        ({ $0.sources[0].format = .csv(delimiter: "\n") }, "a delimiter is one or more characters"),
        ({ $0.sources[0].format = .csv(quote: "''") }, "a quote is one ASCII character"),
        ({ $0.sources[0].format = .csv(delimiter: "\"\"") }, "must not hold the quote"),
        ({ $0.sources[0].header = .names([]) }, "names no column"),
        ({ $0.sources[0].header = .names(["a", "a"]) }, "names the column `a` twice"),
        (
            { $0.sources[0].header = .names(["user", "item", "rating", "times"]) },
            "source `log` has no column `time`; did you mean `times`?"
        ),
        ({ $0.batchRows = 0 }, "at least 1 row"),
        ({ $0.limits.lineBytes = 1 << 24 + 1 }, "a line may be limited to at most 16 MiB, not 16777217 bytes"),
        ({ $0.roles.label = .membership(column: "rating", []) }, "lists no values"),
        ({ $0.features[0].name = "item" }, "two features are called `item`"),
        ({ $0.features[0].name = "label" }, "cannot be called `label`"),
        ({ $0.features[0].join?.source = "itemz" }, "there is no source `itemz`"),
        ({ $0.features[0].join?.source = "log" }, "joined from the log itself"),
        ({ $0.features[0].kind = .multivalued(separator: "", .dictionary) }, "needs a separator"),
        ({ $0.features[0].kind = .categorical(.hash(size: 0)) }, "a hash size is from 1"),
    ]

    @Test(arguments: mistakes.indices)
    func refusesSettingsThatMakeNoSense(_ index: Int) async {
        let (change, message) = Self.mistakes[index]
        var settings = LogIngestTests.joined("/nowhere/log.csv")
        #expect(throws: Never.self) { try settings.validate() }
        change(&settings)
        // Seen before any file is opened.
        let failure = await Ingested.failure(settings)
        #expect(failure?.code == .usage)
        #expect(failure?.description.contains(message) == true, "\(String(describing: failure))")
    }

    @Test
    func derivesTheSchemaWithoutReadingAnything() {
        let schema = LogIngestTests.joined("/nowhere/log.csv").schema
        #expect(schema.item == 0)
        #expect(
            schema.features.map(\.kind) == [.categorical, .categorical, .multivalued, .dense, .dense, .categorical])
        #expect(schema.features.last?.encoding == .hash(size: 100))
        var settings = IngestSettings.small(["x"])
        settings.roles.item = nil
        #expect(settings.schema.item == nil)
        #expect(settings.schema.features.isEmpty)
    }
}
