import Foundation
import Testing

@Suite("validate")
struct ValidateTests {
    static let pipeline = """
        name: shop
        ingest:
          sources:
            log: {path: log.csv}
            items: {path: items.csv}
          log: log
          user: user
          user_kind: text
          time: at
          time_format: iso8601
          label: action in [cart, buy]
          item: item
          max_rejects: 50%
          features:
            colour: {hash_size: 8, missing: ["?"]}
            price: {kind: dense, join: {source: items, key: id, on: item}}
            tags: {kind: multivalued, separator: "|", join: {source: items, key: id, on: item}}

        """

    static let log = """
        user,at,item,action,colour,page
        ann,2024-01-01T10:00:00,i1,view,red,1
        ann,2024-01-01T10:00:01.5,i2,buy,?,2
        "bob, jr",2024-01-02,i9,cart,blue,1
        bob,yesterday,i1,view,red,1
        bob,2024-01-03,i1
        bob,2024-01-04,i1,view,red,1

        """

    static let items = "id,price,tags,note\ni1,2.5,new|cheap,\ni2,10,,x\n"

    private func folder(_ files: [String: String] = [:]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let standard = ["p.yaml": Self.pipeline, "log.csv": Self.log, "items.csv": Self.items]
        for (name, text) in standard.merging(files, uniquingKeysWith: { $1 }) { try folder.write(text, to: name) }
        return folder
    }

    @Test("shows files, columns and their uses, samples by their keys, bad rows and counts")
    func golden() throws {
        let folder = try folder()
        let result = try Plumb.run(["validate", "p.yaml", "-q"], in: folder.url)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let expected = """
            log `log`
              log.csv, 218 bytes
                user    user
                at      time
                item    item, key to `items`
                action  label
                colour  feature `colour`
                page    not used
            side table `items`, 2 keys
              items.csv, 46 bytes
                id     key
                price  feature `price`
                tags   feature `tags`
                note   not used

            first samples
              user     time                      label  item  colour  price  tags
              ann      2024-01-01T10:00:00Z      0      i1    #3      2.5    new|cheap
              ann      2024-01-01T10:00:01.500Z  1      i2    -       10.0   -
              bob, jr  2024-01-02T00:00:00Z      1      i9    #8      0.0    -
              bob      2024-01-04T00:00:00Z      0      i1    #3      2.5    new|cheap

            the log's 6 rows: 4 kept, 2 rejected
              1 for `at`
                log.csv:5:2: `at` must be a time in ISO 8601, as 2019-11-12T02:14:46, is `yesterday`
              1 for the whole row
                log.csv:6: the row has 3 fields, not 6 as expected
              users   3, 1 to 2 samples each
              times   2024-01-01T10:00:00Z to 2024-01-04T00:00:00Z
              label   2 of 4 samples are 1 (0.5000); `action` holds view (2), buy (1), cart (1)
              item    3 keys
              colour  2 ids by hash, 1 sample without one
              price   0.0 to 10.0, 1 row without a partner in `items`
              tags    2 keys, 2 samples without one, 1 row without a partner in `items`

            no warnings

            """
        #expect(result.text == expected)
    }

    @Test("reads no more rows of the log than asked for, quoted ones too")
    func rows() throws {
        let folder = try folder()
        for rows in 1...6 {
            let result = try Plumb.run(
                ["validate", "p.yaml", "--rows", "\(rows)", "-q", "--summary", "s.json"], in: folder.url)
            #expect(result.status == 0)
            #expect(result.text.contains("the log's first \(rows) row\(rows == 1 ? "" : "s"): "))
            let summary = try String(decoding: folder.read("s.json"), as: UTF8.self)
            #expect(summary.contains("\"read\":\(rows),\"kept\":\([1, 2, 3, 3, 3, 4][rows - 1]),"), "\(summary)")
        }
        try folder.write(Self.log.replacing("\"bob, jr\"", with: "bob"), to: "log.csv")
        for rows in 1...6 {
            let result = try Plumb.run(["validate", "p.yaml", "--rows", "\(rows)", "-q"], in: folder.url)
            #expect(result.text.contains("the log's first \(rows) row\(rows == 1 ? "" : "s"): "))
        }
        // A whole log, so that there is no "first", has less rows than asked for.
        #expect(
            try Plumb.run(["validate", "p.yaml", "--rows", "7", "-q"], in: folder.url).text.contains("the log's 6 rows")
        )
        #expect(try Plumb.run(["validate", "p.yaml", "--rows", "0"], in: folder.url).status == 64)
    }

    @Test("reads standard input, and logs named in place of the pipeline file's")
    func standardInput() throws {
        let folder = try folder()
        let running = try Plumb.start(["validate", "p.yaml", "-", "-q"], in: folder.url)
        try running.input.fileHandleForWriting.write(contentsOf: Data(Self.log.utf8))
        try running.input.fileHandleForWriting.close()
        let result = running.finish()
        #expect(result.status == 0)
        #expect(result.text.hasPrefix("log `log`\n  <stdin>\n    user    user\n"))
        #expect(result.text.contains("the log's 6 rows: 4 kept, 2 rejected"))
        try folder.write("user,at,item,action,colour\nx,2024-01-01,i1,buy,red\n", to: "other.csv")
        #expect(
            try Plumb.run(["validate", "p.yaml", "other.csv", "-q"], in: folder.url).text.contains(
                "other.csv, 51 bytes"))
    }

    /// A pipeline or a log that gives a warning.
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// What takes the place of what in the pipeline file.
        var changes: [(String, String)] = []
        var log = ValidateTests.log
        var items = ValidateTests.items
        var warns: String
    }

    /// Users 0..<40 with 10 rows each, of which `positives` many are bought.
    private static func log(
        positives: (Int) -> Int, time: (Int, Int) -> String = { "2024-01-\(10 + $0 % 9)T00:00:0\($1)" }
    ) -> String {
        var lines = ["user,at,item,action,colour"]
        for user in 0..<40 {
            for row in 0..<10 {
                let action = row < positives(user) ? "buy" : "view"
                lines.append("u\(user),\(time(user, row)),i\(1 + row % 2),\(action),c\((user + row) % 5)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let drifting = log { $0 % 10 }

    static let cases: [Case] = [
        Case(
            testDescription: "a rule that matches nothing", changes: [("[cart, buy]", "[purchase]")],
            warns: "p.yaml:11:10: warning: every label is 0, by the rule `action in [purchase]`; "
                + "`action` holds view (2), buy (1), cart (1)"),
        Case(
            testDescription: "positives alone", changes: [("[cart, buy]", "[cart, buy, view]")],
            warns: "p.yaml:11:10: warning: every label is 1"),
        Case(
            testDescription: "a fixed ratio", log: log { _ in 2 },
            warns: "p.yaml:11:10: warning: users' local CTRs are more alike than chance makes them "
                + "(0.2000 to 0.2000 over 40 users, 0.2000 over all): a fixed ratio of negatives leaves no drift"),
        Case(
            testDescription: "no more drift than by chance", log: log { [0, 1, 1, 2, 2, 2, 2, 3, 3, 4][$0 % 10] },
            warns: "local CTRs lie no further apart than chance makes them (0.0000 to 0.4000 over 40 users)"),
        Case(
            testDescription: "one row a user",
            log: "user,at,item,action,colour\na,2024-01-01,i1,buy,c\nb,2024-01-02,i1,view,c\n",
            warns: "p.yaml:7:9: warning: no user has two samples"),
        Case(
            testDescription: "equal times", log: log(positives: { $0 % 10 }, time: { _, _ in "2024-01-01" }),
            warns: "p.yaml:9:9: warning: every time is 2024-01-01T00:00:00Z: nothing can be split by time"),
        Case(
            testDescription: "one time a user",
            log: log(positives: { $0 % 10 }, time: { user, _ in "2024-01-\(10 + user % 9)" }),
            warns: "p.yaml:9:9: warning: each user's samples are all of one time"),
        Case(
            testDescription: "seconds taken for milliseconds", changes: [("iso8601", "unix-milliseconds")],
            log: "user,at,item,action,colour\na,1704067200,i1,buy,c\na,1704067201,i1,view,c\n",
            warns: "p.yaml:10:16: warning: the latest time is 1970-01-20T17:21:07.201Z; are these seconds"),
        Case(
            testDescription: "milliseconds taken for seconds", changes: [("iso8601", "unix-seconds")],
            log: "user,at,item,action,colour\na,17040672000,i1,buy,c\na,17040672010,i1,view,c\n",
            warns: "p.yaml:10:16: warning: the first time is 2509-12-31T00:00:00Z; are these milliseconds"),
        Case(
            testDescription: "a join that finds nothing", items: "id,price,tags\n1,2,a\n2,3,b|c\n",
            warns: "p.yaml:16:61: warning: `item` finds nothing in `items`: no row has a partner there; "
                + "does `id` hold the same keys"),
        Case(
            testDescription: "a separator that does not stand there", changes: [("\"|\"", "\";\"")], log: drifting,
            warns: "p.yaml:17:42: warning: `tags` has no sample with two values; is that its separator?"),
        Case(
            testDescription: "an empty feature", changes: [("[\"?\"]", "[c0, c1, c2, c3, c4]")], log: drifting,
            warns: "warning: `colour` is empty in every sample"),
        Case(
            testDescription: "a constant feature", log: drifting, items: "id,price,tags\ni1,2,a|b\ni2,2,b|c\n",
            warns: "warning: `price` is the same in every sample"),
        Case(
            testDescription: "the user as a feature", changes: [("colour: {", "who: {column: user}\n    colour: {")],
            warns: "p.yaml:15:19: warning: `who` is the user, and the arms restore priors"),
        Case(
            testDescription: "a source that nothing uses",
            changes: [("  log: log\n", "    more: {path: nowhere.csv}\n  log: log\n")],
            warns: "p.yaml:6:18: warning: no feature is joined from `more`, so it is not read"),
        Case(
            testDescription: "no rows", log: "user,at,item,action,colour\n",
            warns: "p.yaml:4:17: warning: the log holds no rows"),
        Case(
            testDescription: "no samples", changes: [("iso8601", "unix-seconds"), ("50%", "100%")],
            warns: "p.yaml:10:16: warning: none of the log's 6 rows makes a sample; `at` must be a time in seconds"),
    ]

    @Test("warns, at the setting's place, and fails for it only if asked to", arguments: cases)
    func warnings(_ example: Case) throws {
        let pipeline = example.changes.reduce(Self.pipeline) { $0.replacing($1.0, with: $1.1) }
        let folder = try folder(["p.yaml": pipeline, "log.csv": example.log, "items.csv": example.items])
        let result = try Plumb.run(["validate", "p.yaml", "-q"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains(example.warns), "\(result.text)")
        #expect(!result.text.contains("no warnings"))
        let strict = try Plumb.run(["validate", "p.yaml", "-q", "--strict"], in: folder.url)
        #expect(strict.status == 1)
        #expect(strict.errors.contains("warning"), "\(strict.errors)")
        #expect(strict.output == result.output)
    }

    @Test("does not warn of a log that drifts, nor of a user feature that no model sees")
    func noWarning() throws {
        let pipeline =
            Self.pipeline.replacing("colour: {", with: "who: {column: user}\n    colour: {")
            + "train: {features: [item, colour]}\n"
        let folder = try folder(["p.yaml": pipeline, "log.csv": Self.drifting])
        let result = try Plumb.run(["validate", "p.yaml", "-q", "--strict"], in: folder.url)
        #expect(result.status == 0, "\(result.text)")
        #expect(result.text.hasSuffix("\nno warnings\n"))
        #expect(result.text.contains("over 40 users with 5 samples or more, further apart than chance makes them"))
    }

    @Test("tells all faults of all files at once")
    func faults() throws {
        let folder = try folder(["log.csv": Self.log.replacing("user,at,item", with: "usr,at,itm")])
        try FileManager.default.removeItem(at: folder.url.appending(path: "items.csv"))
        let result = try Plumb.run(["validate", "p.yaml"], in: folder.url)
        #expect(result.status == 2 && result.output.isEmpty)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("plumb: log.csv:1: error: there is no column `user`; did you mean `usr`?"))
        #expect(lines[1].hasPrefix("plumb: log.csv:1: error: there is no column `item`; did you mean `itm`?"))
        #expect(lines[2] == "plumb: items.csv: error: No such file or directory")
    }

    @Test("looks into each file of a list, though the first has rows enough")
    func manyFiles() throws {
        let pipeline = Self.pipeline.replacing("{path: log.csv}", with: "{path: [log.csv, b.csv, c.csv]}")
        let folder = try folder(["p.yaml": pipeline, "b.csv": Self.log, "c.csv": "user,at\n"])
        let result = try Plumb.run(["validate", "p.yaml", "--rows", "2"], in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.contains("plumb: c.csv:1: error: there is no column `action`"))
        #expect(!result.errors.contains("b.csv"))
    }

    @Test("a delimiter that is another is told")
    func delimiter() throws {
        let folder = try folder(["log.csv": Self.log.replacing(",", with: ";")])
        let result = try Plumb.run(["validate", "p.yaml"], in: folder.url)
        #expect(result.status == 2)
        #expect(result.errors.contains("the only column is `user;at;item;action;colour;page`: is `;` its delimiter?"))
    }

    @Test("more bad rows than allowed exit 1, shown nevertheless; a bad pipeline file exits 64")
    func statuses() throws {
        let folder = try folder(["strict.yaml": Self.pipeline.replacing("50%", with: "1")])
        let result = try Plumb.run(["validate", "strict.yaml", "-q"], in: folder.url)
        #expect(result.status == 1)
        #expect(result.text.contains("4 kept, 2 rejected"))
        #expect(
            result.errors
                == "plumb: error: 2 of the log's 6 rows are bad, more than the 1 that `ingest.max_rejects` allows\n")
        try folder.write("ingets: {}\n", to: "typo.yaml")
        #expect(try Plumb.run(["validate", "typo.yaml"], in: folder.url).status == 64)
        try folder.write("seeds: [1]\n", to: "none.yaml")
        let none = try Plumb.run(["validate", "none.yaml"], in: folder.url)
        #expect(none.status == 64 && none.errors == "plumb: none.yaml: error: the section `ingest` is missing\n")
    }

    @Test("warns that drawn negatives leave no drift")
    func negatives() throws {
        let folder = try folder([
            "p.yaml": Self.pipeline + "partition: {negatives: {per_positive: 2}}\n"
        ])
        let result = try Plumb.run(["validate", "p.yaml", "--strict"], in: folder.url)
        #expect(result.status == 1)
        let shown = result.text + result.errors
        #expect(
            shown.contains("a fixed number of drawn negatives for each positive gives every user the same local CTR"))
        #expect(shown.contains("the log holds negatives of its own"))
    }
}
