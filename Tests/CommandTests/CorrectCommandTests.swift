import Foundation
import Testing

@Suite("plumb correct, and one user's corrected labels")
struct CorrectCommandTests {
    /// A folder with `store` and `ctr.json` of the small log.
    private static func measured() throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        for arguments in [
            ["ingest", "-p", "p.yaml", "-o", "samples"], ["partition", "samples", "-p", "p.yaml", "-o", "store"],
            ["ctr", "store", "-o", "ctr.json"],
        ] {
            let result = try Plumb.run(arguments + ["-q"], in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
        }
        return folder
    }

    private struct Row: Decodable {
        var user: Int
        var label: Double
        var label_corrected: Double
        var part: String
    }

    private static func rows(_ options: [String], in folder: TemporaryFolder) throws -> [Row] {
        let result = try Plumb.run(
            ["correct", "store", "--ctr", "ctr.json", "--to", "jsonl", "-q"] + options, in: folder.url)
        try #require(result.status == 0, "\(result.errors)")
        return try result.text.split(separator: "\n").map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    private static func globalCTR(in folder: TemporaryFolder) throws -> Double {
        struct CTR: Decodable { var global_ctr: Double }
        return try JSONDecoder().decode(CTR.self, from: folder.read("ctr.json")).global_ctr
    }

    @Test("each method's labels are its formula's, for every user, of one class too")
    func methods() throws {
        let folder = try Self.measured()
        let p = try Self.globalCTR(in: folder)
        typealias Formula = (_ y: Double, _ k: Double, _ n: Double) -> Double
        let cases: [(options: [String], formula: Formula)] = [
            ([], { y, k, n in k / n > p ? y * p / (k / n) : y + (1 - y) * (p - k / n) / (1 - k / n) }),
            (["--method", "additive"], { y, k, n in y + p - k / n }),
            (["--method", "additive", "--prior-strength", "5"], { y, k, n in y + p - (k + 5 * p) / (n + 5) }),
            (["--method", "smoothing"], { y, _, _ in 0.9 * y + 0.1 * p }),
            (["--method", "smoothing", "--smoothing", "0.5"], { y, _, _ in 0.5 * y + 0.5 * p }),
            (["--method", "reweight"], { y, _, _ in y }),
            (["--method", "logit-adjust", "--prior-strength", "1"], { y, _, _ in y }),
        ]
        for (options, formula) in cases {
            let users = Dictionary(grouping: try Self.rows(options, in: folder), by: \.user)
            #expect(users.count == SmallLog.users)
            for rows in users.values {
                let train = rows.filter { $0.part == "train" }
                let (k, n) = (train.reduce(0) { $0 + $1.label }, Double(train.count))
                for row in rows {
                    let wanted = row.part == "train" ? formula(row.label, k, n) : row.label
                    #expect(abs(row.label_corrected - wanted) < 1e-6, "\(options), user \(row.user), \(k) of \(n)")
                }
            }
        }
    }

    @Test("the pipeline file and the environment name the method too, and a flag wins")
    func settings() throws {
        let folder = try Self.measured()
        try folder.write("correct: {method: additive, prior_strength: 2}\n", to: "c.yaml")
        let flags = try Self.rows(["--method", "additive", "--prior-strength", "2"], in: folder)
        let file = try Self.rows(["-p", "c.yaml"], in: folder)
        #expect(file.map(\.label_corrected) == flags.map(\.label_corrected))
        let printed = try Plumb.run(
            ["correct", "-p", "c.yaml", "--method", "reweight", "--print-config"], in: folder.url,
            environment: ["PLUMB_CORRECT_SMOOTHING": "0.3"])
        #expect(printed.text.contains("method: reweight") && printed.text.contains("# --method"))
        #expect(printed.text.contains("prior_strength: 2") && printed.text.contains("# c.yaml:1:"))
        #expect(printed.text.contains("smoothing: 0.3") && printed.text.contains("# PLUMB_CORRECT_SMOOTHING"))
    }

    @Test("a method that changes no label says so and where it acts; the account's JSON names the method")
    func note() throws {
        let folder = try Self.measured()
        func correct(_ method: String, _ options: [String] = []) throws -> Plumb.Result {
            let result = try Plumb.run(
                ["correct", "store", "--ctr", "ctr.json", "-o", "out", "--summary", "s.json", "--method", method]
                    + options, in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
            #expect(String(decoding: try folder.read("s.json"), as: UTF8.self).contains("\"method\":\"\(method)\""))
            return result
        }
        for method in ["reweight", "logit-adjust"] {
            let note = "plumb correct: \(method) leaves labels as they are; it acts while 'plumb finetune' trains\n"
            #expect(try correct(method).errors.contains(note))
            #expect(try correct(method, ["-q"]).errors.isEmpty)
        }
        #expect(try !correct("additive").errors.contains("leaves labels"))
    }

    @Test("inspect shows one user's raw and corrected labels by any method, and what is done where labels stay")
    func inspect() throws {
        let folder = try Self.measured()
        func inspect(_ user: Int, _ options: [String]) throws -> (rows: [Substring], note: String) {
            let result = try Plumb.run(["inspect", "store", "--user", "\(user)"] + options, in: folder.url)
            try #require(result.status == 0, "\(result.errors)")
            return (result.text.split(separator: "\n"), result.errors)
        }
        // The table is what `correct` writes for the user, and nothing else where labels change.
        for options in [[], ["--method", "additive", "--prior-strength", "3"], ["--method", "smoothing"]] {
            let all = try Plumb.run(
                ["correct", "store", "--ctr", "ctr.json", "--to", "csv", "-q"] + options, in: folder.url
            ).text.split(separator: "\n")
            let found = try inspect(5, options)
            #expect(found.note == "")
            #expect(found.rows == [all[0]] + all.filter { $0.hasPrefix("5,") })
        }
        let p = try Self.globalCTR(in: folder)
        let train = try Self.rows([], in: folder).filter { $0.user == 5 && $0.part == "train" }
        let q = train.reduce(0) { $0 + $1.label } / Double(train.count)
        func text(_ number: Double) -> String { String(format: "%.4f", number) }
        #expect(
            try inspect(5, ["--method", "reweight"]).note
                == "reweight: labels stay; a positive sample weighs \(text(p / q)), a negative one \(text((1 - p) / (1 - q)))\n"
        )
        let offset = text(log(q / (1 - q)) - log(p / (1 - p)))
        #expect(
            try inspect(5, ["--method", "logit-adjust"]).note
                == "logit-adjust: labels stay; while training \(offset) is added to the logit\n")
        #expect(
            try inspect(1, ["--method", "reweight"]).note
                == "reweight: not defined for a user whose train labels are all alike\n")
        #expect(try inspect(1, ["--method", "reweight", "--prior-strength", "1"]).note.contains("weighs"))
    }

    @Test("what makes no sense is refused")
    func refusals() throws {
        let folder = try Self.measured()
        for (arguments, says) in [
            (["inspect", "store", "--method", "additive"], "name the user with --user"),
            (
                ["inspect", "store", "--user", "5", "--method", "addition"],
                "--method: error: `correct.method` must be one of"
            ),
            (
                ["correct", "store", "--ctr", "ctr.json", "-o", "out", "--prior-strength=-1"],
                "--prior-strength: error: `correct.prior_strength` must be a number of at least 0"
            ),
            (["correct", "store", "--ctr", "ctr.json", "-o", "out", "--smoothing", "2"], "--smoothing: error:"),
        ] {
            let result = try Plumb.run(arguments, in: folder.url)
            #expect(result.status == 64 && result.errors.contains(says), "\(result.status) \(result.errors)")
        }
    }
}
