import Foundation
import Testing

@Suite("ctr, its merge and its devices, from the command line")
struct CTRCommandTests {
    /// A folder with the small log's store, and two stores that share its users out.
    private func folder() throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        let lines = SmallLog.ratings.split(separator: "\r\n")
        func half(_ rest: Int) -> String {
            let rows = lines.dropFirst().filter { row in
                row.split(separator: ",").first.flatMap { Int($0) }.map { $0 % 2 == rest } ?? false
            }
            return ([lines[0]] + rows).joined(separator: "\n") + "\n"
        }
        for (name, ratings) in [("store", SmallLog.ratings), ("even", half(0)), ("odd", half(1))] {
            try folder.write(ratings, to: "ratings.csv")
            try plumb(folder, ["ingest", "-p", "p.yaml", "-o", "samples.arrows", "-q"])
            try plumb(folder, ["partition", "samples.arrows", "-p", "p.yaml", "-o", name, "-q"])
        }
        return folder
    }

    @discardableResult
    private func plumb(_ folder: TemporaryFolder, _ arguments: [String], status: Int32 = 0) throws -> Plumb.Result {
        let result = try Plumb.run(arguments, in: folder.url)
        try #require(result.status == status, "\(arguments): \(result.errors)")
        return result
    }

    private struct Report: Decodable {
        struct Users: Decodable { var total: Int }

        var samples: Int
        var positives: Int
        var users: Users
        var stores: [String]?
    }

    private func report(_ folder: TemporaryFolder, _ name: String) throws -> Report {
        try JSONDecoder().decode(Report.self, from: folder.read(name))
    }

    @Test("measures a store with or without the word, and a store named like a subcommand by its path")
    func spellings() throws {
        let folder = try folder()
        try FileManager.default.copyItem(
            at: folder.url.appending(path: "store"), to: folder.url.appending(path: "merge"))
        let spellings: [[String]] = [
            ["ctr", "store", "-o", "out"], ["ctr", "-o", "out", "store"], ["ctr", "measure", "store", "-o", "out"],
            ["ctr", "./merge", "-o", "out"], ["ctr", "measure", "merge", "-o", "out"],
        ]
        let expected = try plumb(folder, ["ctr", "store", "-q"]).output
        for arguments in spellings {
            try plumb(folder, arguments)
            #expect(try folder.read("out") == expected, "\(arguments)")
            try FileManager.default.removeItem(at: folder.url.appending(path: "out"))
        }
        #expect(try plumb(folder, ["ctr"], status: 64).errors.contains("Missing expected argument '<store>'"))
    }

    @Test("reports of stores add up to that over all users, fit each of the stores, and no store comes twice")
    func merge() throws {
        let folder = try folder()
        for name in ["store", "even", "odd"] { try plumb(folder, ["ctr", name, "-o", "\(name).json", "-q"]) }
        let account = try plumb(folder, ["ctr", "merge", "odd.json", "even.json", "-o", "sum.json"]).errors
        #expect(account.hasPrefix("plumb ctr merge: 2 files, 40 users, "))
        let (sum, whole) = (try report(folder, "sum.json"), try report(folder, "store.json"))
        #expect(sum.stores?.count == 2 && whole.stores?.count == 1)
        func withoutStores(_ name: String) throws -> [Substring] {
            try String(decoding: folder.read(name), as: UTF8.self).split(separator: "\n")
                .filter { !$0.contains("\"stores\"") }
        }
        #expect(try withoutStores("sum.json") == withoutStores("store.json"))
        for name in ["even", "odd"] {
            try plumb(folder, ["correct", name, "--ctr", "sum.json", "-o", "corrected", "-q"])
        }
        let stranger = try plumb(folder, ["correct", "store", "--ctr", "sum.json", "-o", "out"], status: 2)
        #expect(stranger.errors.contains("measured on 2 other stores"))
        let twice = try plumb(folder, ["ctr", "merge", "sum.json", "odd.json", "-o", "out"], status: 2)
        let odd = try #require(try report(folder, "odd.json").stores?.first)
        #expect(
            twice.errors.contains(
                "plumb: odd.json: error: the store \(odd) is already in sum.json: its users would count twice"))
        let text = try plumb(folder, ["inspect", "sum.json"]).text
        for store in sum.stores ?? [] { #expect(text.contains("\nstore        \(store)\n")) }
        #expect(text.contains("\nusers        40, "))
        #expect(!folder.exists("out"))
    }

    @Test("the users' table has a line a user, may go to standard output, and asks for a place of its own")
    func usersTable() throws {
        let folder = try folder()
        try plumb(folder, ["ctr", "store", "-o", "ctr.json", "--users-table", "users.csv", "-q"])
        let lines = try String(decoding: folder.read("users.csv"), as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "user,train_samples,train_positives,local_ctr,drift")
        #expect(lines.count == SmallLog.users + 1)
        let counts = lines.dropFirst().map { line in
            line.split(separator: ",").dropFirst().prefix(2).map { Int($0) ?? 0 }
        }
        let report = try report(folder, "ctr.json")
        #expect(counts.reduce(0) { $0 + $1[0] } == report.samples)
        #expect(counts.reduce(0) { $0 + $1[1] } == report.positives)
        let printed = try plumb(folder, ["ctr", "store", "-o", "again.json", "--users-table", "-", "-q"])
        #expect(try printed.output == folder.read("users.csv"))
        #expect(try folder.read("again.json") == folder.read("ctr.json"))
        #expect(try plumb(folder, ["ctr", "store", "--users-table", "-"], status: 64).errors.contains("two places"))
        let before = try folder.names()
        try plumb(folder, ["ctr", "store", "-o", "no/such/ctr.json", "--users-table", "new.csv"], status: 2)
        #expect(try folder.names() == before)
    }

    @Test("devices send lines without keys, which add up to a global CTR for any store")
    func devices() throws {
        let folder = try folder()
        let fleet = try plumb(folder, ["ctr", "device", "store", "--clip", "1000", "--epsilon", "1000", "-o", "fleet"])
        #expect(fleet.errors.hasPrefix("plumb ctr device: 40 devices, "))
        let lines = try String(decoding: folder.read("fleet"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == SmallLog.users)
        #expect(
            lines.allSatisfy {
                $0.wholeMatch(
                    of: /\{"format":1,"device":\{"samples":-?\d+,"positives":-?\d+,"clip":1000,"epsilon":1000.0\}\}/)
                    != nil
            })
        let one = try plumb(
            folder, ["ctr", "device", "store", "--user", "7", "--clip", "9", "--epsilon", "0.25", "-q"])
        #expect(one.text.hasSuffix("\"clip\":9,\"epsilon\":0.25}}\n") && one.text.split(separator: "\n").count == 1)
        // Fresh noise each time.
        let again = try plumb(folder, ["ctr", "device", "store", "--clip", "1000", "--epsilon", "1", "-q"])
        let third = try plumb(folder, ["ctr", "device", "store", "--clip", "1000", "--epsilon", "1", "-q"])
        #expect(again.output != third.output)

        try plumb(folder, ["ctr", "store", "-o", "ctr.json", "-q"])
        try plumb(folder, ["ctr", "merge", "fleet", "-o", "estimate.json", "-q"])
        let (estimate, exact) = (try report(folder, "estimate.json"), try report(folder, "ctr.json"))
        #expect(estimate.users.total == SmallLog.users && estimate.stores == nil)
        // The scale is 2: its deviation over 40 devices is 18, and 15 times that does not happen.
        #expect(abs(estimate.samples - exact.samples) < 270 && abs(estimate.positives - exact.positives) < 270)
        #expect(try plumb(folder, ["inspect", "estimate.json"]).text.contains("40 reports, clipped and noised"))
        try plumb(folder, ["correct", "even", "--ctr", "estimate.json", "-o", "corrected", "-q"])
        let mixed = try plumb(folder, ["ctr", "merge", "ctr.json", "fleet", "-o", "out"], status: 2)
        #expect(mixed.errors.hasPrefix("plumb: fleet: error: reports of stores and of devices do not add up"))
    }

    @Test("lines of devices come through a pipe, too")
    func piped() throws {
        let folder = try folder()
        let pipe = Pipe()
        let devices = try Plumb.start(
            ["ctr", "device", "store", "--clip", "1000", "--epsilon", "1000", "-q"], in: folder.url,
            input: FileHandle.nullDevice, output: pipe)
        let merge = try Plumb.start(["ctr", "merge", "-", "-o", "estimate.json", "-q"], in: folder.url, input: pipe)
        #expect(devices.finish().status == 0)
        #expect(merge.finish().status == 0)
        #expect(try report(folder, "estimate.json").users.total == SmallLog.users)
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            (["device", "store", "--clip", "0", "--epsilon", "1"], 64, "the clip must be from 1 to"),
            (["device", "store", "--clip", "9", "--epsilon", "0"], 64, "epsilon must be from 0.000001 to 1000"),
            (["device", "store", "--clip", "9", "--epsilon", "0.1234567"], 64, "at most six decimals"),
            (["device", "store", "--clip", "9", "--epsilon", "nan"], 64, "epsilon must be from"),
            (["device", "store", "--clip", "9"], 64, "--epsilon"),
            (["device", "store", "--epsilon", "9"], 64, "--clip"),
            (["device", "store", "--clip", "9", "--epsilon", "1", "--user", "99"], 2, "there is no user 99"),
            (["device", "store", "--clip", "9", "--epsilon", "1", "--user", "x"], 2, "there is no user x"),
            (["merge"], 64, "<reports>"), (["merge", "-", "-"], 64, "can be read only once"),
            (["merge", "nowhere.json"], 2, "plumb: nowhere.json: error: No such file"),
            (["merge", "old.json"], 2, "plumb: old.json: error: format must be 2, 1 is that of an earlier version"),
            (["merge", "line.jsonl"], 2, "plumb: line.jsonl:2: error: device.clip must be"),
            (["merge", "noise.jsonl"], 2, "the reports of 1 devices give no global CTR between 0 and 1"),
        ])
    func faults(arguments: [String], status: Int32, says: String) throws {
        let folder = try folder()
        try folder.write(#"{"format": 1, "samples": 4, "positives": 1, "global_ctr": 0.25}"#, to: "old.json")
        let line = #"{"format":1,"device":{"samples":1,"positives":1,"clip":9,"epsilon":1}}"#
        try folder.write(line + "\n" + line.replacing("9", with: "0"), to: "line.jsonl")
        try folder.write(line, to: "noise.jsonl")
        let result = try plumb(folder, ["ctr"] + arguments + ["-o", "out"], status: status)
        #expect(result.errors.contains(says), "\(result.errors)")
        #expect(result.output.isEmpty && !folder.exists("out") && !folder.exists(".out.partial"))
    }
}
