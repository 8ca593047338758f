import Foundation
import Testing

@Suite("plumb partition, verify and the choice of users")
struct PartitionCommandTests {
    /// 40 users of 10 samples each; user 7 has positives only.
    private func log(in folder: TemporaryFolder) throws {
        var text = "user,movie,rating,time\n"
        for time in 0..<10 {
            for user in 1...40 {
                text += "\(user),\((user * time) % 23 + 1),\(user == 7 ? 5 : (user + time) % 5 + 1),\(time * 3600)\n"
            }
        }
        try folder.write(text, to: "ratings.csv")
        try folder.write(
            """
            ingest:
              sources: {log: {path: ratings.csv, format: csv}}
              user: user
              time: time
              label: rating >= 4
              item: movie
            """, to: "p.yaml")
        #expect(try Plumb.run(["ingest", "-p", "p.yaml", "-o", "samples.arrows"], in: folder.url).status == 0)
    }

    private func partition(_ options: [String], in folder: TemporaryFolder) throws -> Plumb.Result {
        try Plumb.run(["partition", "samples.arrows", "-o", "store"] + options, in: folder.url)
    }

    @Test("splits by the last samples or by dates, and says how many users a part leaves out")
    func splits() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        let last = try partition(["--split", "last,1,2"], in: folder)
        #expect(last.status == 0)
        #expect(last.errors.contains("400 samples, 280 train, 40 validation, 80 test, 40 users, 0 without train"))
        let dates = try partition(["--split", "dates,1970-01-01T04:00:00,1970-01-01T05:00Z"], in: folder)
        #expect(dates.errors.contains("160 train, 40 validation, 200 test"))
        #expect(
            try Plumb.run(["inspect", "store"], in: folder.url).text.contains(
                "split        validation from 1970-01-01T04:00:00Z, test from 1970-01-01T05:00:00Z"))
        let before = try partition(["--split", "dates,2000-01-01,2000-01-02"], in: folder)
        #expect(before.errors.contains("40 without validation, 40 without test"))
    }

    @Test(
        "refuses what makes no sense with 64 and a place",
        arguments: [
            (["--split", "0.7,0.1"], "--split: error: `partition.split` must be three shares"),
            (["--split", "last,0,0"], "--split: error"),
            (["--split", "dates,2024-02-02,2024-02-01"], "--split: error"),
            (["--split", "dates,then,now"], "--split: error"), (["--cloud-until", "soon"], "--cloud-until: error"),
            (["--min-samples", "0"], "--min-samples: error"),
            (["--min-samples", "9", "--max-samples", "8"], "--max-samples: error"),
            (["--held-out", "100%"], "--held-out: error"), (["--held-out", "-1"], "--held-out"),
            (["--history", "movies"], "there is no feature `movies` to make a history of"),
            (["--history", "movie", "--history-length", "0"], "--history-length: error"),
            (["--history-reach", "never", "--history", "item"], "--history-reach: error"),
            (["--negatives", "1001"], "--negatives: error"),
            (["--negatives", "1", "--negatives-draw", "best"], "--negatives-draw: error"),
            (["--pseudonymize", "short.key"], "short.key: error: a key has 16 to 65536 bytes, this one 5"),
            (["--threads", "0"], "--threads must be 1 to 1024"),
        ])
    func senseless(options: [String], says: String) throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        try folder.write("short", to: "short.key")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder.url.appending(path: "short.key").path)
        let before = try folder.names()
        let result = try partition(options, in: folder)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.contains(says), "\(result.errors)")
        #expect(try folder.names() == before)
    }

    @Test("leaves users out by their samples, holds some out, and adds up in its account")
    func filters() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        // Every user but the seventh has 4 positives of 10.
        let result = try partition(["--min-positives", "5"], in: folder)
        #expect(result.status == 0)
        #expect(
            result.errors.contains(
                "400 samples, 390 of users with too few positives, 39 users with too few positives, 7 train, 1 validation"
            ))
        #expect(
            try Plumb.run(["inspect", "store"], in: folder.url).text.contains(
                "left out     39 users with too few positives, 390 samples"))
        let drawn = try partition(["--held-out", "50%", "--negatives", "2"], in: folder)
        #expect(drawn.errors.contains("400 samples, 332 drawn, 0 not drawn for want of items"))
        let text = try Plumb.run(["inspect", "store"], in: folder.url).text
        #expect(text.contains("held out     ") && text.contains("50.00% by seed 1"))
        #expect(text.contains("negatives    332 drawn, 2 a positive, uniform"))
    }

    @Test("verify accepts what was written and names the file in which a byte was flipped")
    func verify() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        #expect(try partition(["--buckets", "2"], in: folder).status == 0)
        let whole = try Plumb.run(["verify", "store"], in: folder.url)
        #expect(whole.status == 0)
        #expect(whole.errors.hasPrefix("plumb verify: 5 files, 40 users, 400 samples"))
        for name in try folder.names() where name.hasPrefix("store/") {
            let bytes = try folder.read(name)
            var flipped = bytes
            flipped[flipped.count / 3] ^= 1
            try folder.write(flipped, to: name)
            let result = try Plumb.run(["verify", "store"], in: folder.url)
            #expect(result.status == 2)
            #expect(result.errors.contains("plumb: \(name): error: "), "\(result.errors)")
            try folder.write(bytes, to: name)
        }
        #expect(try Plumb.run(["verify", "ratings.csv"], in: folder.url).status == 2)
    }

    @Test("--users and --sample work on some users, a share of them the same ones every time")
    func someUsers() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        #expect(try partition([], in: folder).status == 0)
        #expect(try Plumb.run(["ctr", "store", "-o", "ctr.json"], in: folder.url).status == 0)
        try folder.write("7\n11\n9999\n", to: "users.txt")
        func correct(_ options: [String]) throws -> Set<Substring> {
            let result = try Plumb.run(
                ["correct", "store", "--ctr", "ctr.json", "--to", "csv"] + options, in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let rows = result.text.split(separator: "\n").dropFirst()
            #expect(rows.count % 10 == 0)
            return Set(rows.map { $0.prefix { $0 != "," } })
        }
        #expect(try correct(["--users", "users.txt"]) == ["7", "11"])
        let half = try correct(["--sample", "50%"])
        #expect(half.count > 10 && half.count < 30)
        #expect(try correct(["--sample", "0.5"]) == half)
        #expect(try correct(["--sample", "50%", "--users", "users.txt"]) == half.intersection(["7", "11"]))
        let measured = try Plumb.run(["ctr", "store", "--users", "users.txt", "-o", "some.json"], in: folder.url)
        #expect(measured.status == 0)
        #expect(measured.errors.hasPrefix("plumb ctr: 2 users, 14 train samples"))
        let own = try Plumb.run(
            ["correct", "store", "--ctr", "some.json", "--users", "users.txt", "--to", "csv"], in: folder.url)
        #expect(own.status == 0, "\(own.errors)")
        let other = try Plumb.run(["correct", "store", "--ctr", "some.json", "--to", "csv"], in: folder.url)
        #expect(other.status == 2 && other.errors.contains("was measured on another store"))
        for (options, says) in [
            (["--sample", "0"], "--sample takes a share"), (["--sample", "2"], "--sample takes a share"),
            (["--sample", "x"], "--sample takes a share"),
        ] {
            let result = try Plumb.run(["correct", "store", "--ctr", "ctr.json"] + options, in: folder.url)
            #expect(result.status == 64 && result.errors.contains(says))
        }
        try folder.write("7\nseven\n", to: "bad.txt")
        let bad = try Plumb.run(["ctr", "store", "--users", "bad.txt", "-o", "x.json"], in: folder.url)
        #expect(bad.status == 2 && bad.errors.contains("bad.txt:2: error: `seven` is no key of this store"))
    }

    @Test("pseudonyms replace the keys, and a key that others can read is refused")
    func pseudonyms() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        try folder.write("0123456789abcdef", to: "key")
        let key = folder.url.appending(path: "key").path
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let open = try partition(["--pseudonymize", "key"], in: folder)
        #expect(open.status == 2 && open.errors.contains("key: error: other accounts can read the key; chmod 600 key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        #expect(try partition(["--pseudonymize", "key"], in: folder).status == 0)
        let text = try Plumb.run(["inspect", "store"], in: folder.url).text
        #expect(text.contains("user key     text, pseudonyms by the key "))
        #expect(try Plumb.run(["inspect", "store", "--user", "7"], in: folder.url).status == 2)
        // HMAC-SHA-256 of `7`, as `printf 7 | openssl dgst -sha256 -hmac 0123456789abcdef` prints it.
        let found = try Plumb.run(["inspect", "store", "--user", "f69cf4852626eee19b92af564b9413e4"], in: folder.url)
        #expect(found.status == 0)
    }

    @Test("a model trained on some users knows their ids only, and their predictions count no other user")
    func trainedOnSome() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        #expect(try partition([], in: folder).status == 0)
        try folder.write((1...20).map { "\($0)\n" }.joined(), to: "users.txt")
        #expect(try Plumb.run(["ctr", "store", "-o", "ctr.json"], in: folder.url).status == 0)
        let some = ["--users", "users.txt"]
        let trained = try Plumb.run(["train", "store", "-o", "m.safetensors", "--epochs", "1"] + some, in: folder.url)
        #expect(trained.status == 0 && trained.errors.contains("140 train samples"), "\(trained.errors)")
        let tuned = try Plumb.run(
            ["finetune", "store", "--ctr", "ctr.json", "--model", "m.safetensors", "-o", "p.arrows"] + some,
            in: folder.url)
        #expect(tuned.status == 0 && tuned.errors.contains("plumb finetune: 20 users"), "\(tuned.errors)")
        #expect(try Plumb.run(["evaluate", "p.arrows", "-o", "m.json"], in: folder.url).status == 0)
        let metrics = String(decoding: try folder.read("m.json"), as: UTF8.self)
        #expect(metrics.contains("\"total\": 20") && metrics.contains("\"without_test\": 0"))
    }

    @Test("histories reach later stages, and the model is trained on them")
    func histories() throws {
        let folder = try TemporaryFolder()
        try log(in: folder)
        #expect(try partition(["--history", "item", "--history-length", "3"], in: folder).status == 0)
        let user = try Plumb.run(["inspect", "store", "--user", "7"], in: folder.url).text.split(separator: "\n")
        #expect(user.first?.hasSuffix("history_item") == true)
        #expect(user.count == 11)
        #expect(try Plumb.run(["ctr", "store", "-o", "ctr.json"], in: folder.url).status == 0)
        let trained = try Plumb.run(["train", "store", "-o", "m.safetensors", "--epochs", "1"], in: folder.url)
        #expect(trained.status == 0, "\(trained.errors)")
        let model = try Plumb.run(["inspect", "m.safetensors"], in: folder.url).text
        #expect(model.contains("history_item"))
        let tuned = try Plumb.run(
            ["finetune", "store", "--ctr", "ctr.json", "--model", "m.safetensors", "-o", "p.arrows"], in: folder.url)
        #expect(tuned.status == 0, "\(tuned.errors)")
    }
}
