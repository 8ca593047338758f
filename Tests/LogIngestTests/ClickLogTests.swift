import ByteStreams
import Samples
import Testing

@testable import LogIngest

@Suite("Clicks in a second log")
struct ClickLogTests {
    private func settings(
        _ log: String, _ clicks: String, _ rule: IngestSettings.ClickLog, batchRows: Int = 4096
    ) -> IngestSettings {
        IngestSettings(
            sources: [.init(name: "log", paths: [log]), .init(name: "clicks", paths: [clicks])], log: "log",
            roles: .init(
                user: "user", time: .init(column: "time", format: .unixSeconds), label: .clicks(rule), item: "item"),
            batchRows: batchRows)
    }

    fileprivate static func within(_ length: Duration) -> IngestSettings.ClickLog.Window {
        .init(time: .init(column: "at", format: .unixSeconds), length: length)
    }

    @Test("are joined by a key, whatever their order, and count once")
    func byKey() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "id,user,item,time\na,1,x,10\nb,1,y,11\nc,2,x,12\n,2,x,13\n")
        let clicks = try folder.file("clicks.csv", "when,id\n99,c\n1,a\n2,a\n5,zzz\n5,\n")
        let got = try await Ingested(
            settings(log, clicks, .init(source: "clicks", key: ["id"], on: ["id"])))
        #expect(got.rows.labels == [1, 0, 1, 0])
        #expect(got.rows.groups == nil)
        #expect(got.report.clicks?.count == 4)
        #expect(got.report.clicks?.withoutImpression == 2)
        #expect(got.report.progress.rowsRead == 4)
    }

    @Test("have a time window, whose ends are in it")
    func timeWindow() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file(
            "log.csv", "user,item,time\n1,x,100\n1,x,129\n1,x,130\n1,x,131\n1,y,100\n2,x,160\n2,x,100\n")
        let clicks = try folder.file("clicks.csv", "user,item,at\n2,x,1000\n1,x,160\n2,x,159\n1,x,160\n1,x,500\n")
        let rule = IngestSettings.ClickLog(
            source: "clicks", key: ["user", "item"], on: ["user", "item"], window: Self.within(.seconds(30)))
        let got = try await Ingested(settings(log, clicks, rule))
        #expect(got.rows.labels == [0, 0, 1, 1, 0, 0, 0])
        // The clicks at 159, 500 and 1000 have no impression; the one at 160 stands there twice.
        #expect(got.report.clicks?.count == 4)
        #expect(got.report.clicks?.withoutImpression == 3)
    }

    @Test("agree with a search through all clicks, for any number of threads")
    func oracle() async throws {
        var seed: UInt64 = 5
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % UInt64(bound))
        }
        let shown = (0..<20_000).map { _ in (user: random(40), item: random(30), time: random(2000)) }
        let clicked = (0..<3000).map { _ in (user: random(44), item: random(30), time: random(2000)) }
        var labels: [Float] = []
        var used = Set<[Int]>()
        for row in shown {
            let own = clicked.filter {
                $0.user == row.user && $0.item == row.item && row.time <= $0.time && $0.time <= row.time + 60
            }
            labels.append(own.isEmpty ? 0 : 1)
            for click in own { used.insert([click.user, click.item, click.time]) }
        }
        let all = Set(clicked.map { [$0.user, $0.item, $0.time] })
        let folder = try TemporaryFolder()
        let log = try folder.file(
            "log.csv", "user,item,time\n" + shown.map { "\($0.user),\($0.item),\($0.time)\n" }.joined())
        let clicks = try folder.file(
            "clicks.csv", "at,u,i\n" + clicked.map { "\($0.time),\($0.user),\($0.item)\n" }.joined())
        let rule = IngestSettings.ClickLog(
            source: "clicks", key: ["u", "i"], on: ["user", "item"], window: Self.within(.seconds(60)))
        for threads in [1, 3] {
            let report = IngestReport()
            var got: [Float] = []
            for try await batch in LogIngest(settings(log, clicks, rule, batchRows: 512))
                .samples(report: report, threads: threads)
            {
                got += batch.labels
            }
            let isExpected = got == labels
            #expect(isExpected)
            #expect(report.clicks?.count == all.count)
            #expect(report.clicks?.withoutImpression == all.count - used.count)
        }
        #expect(labels.contains(1) && labels.contains(0) && used.count < all.count)
    }

    @Test("with keys of several columns are not mixed up")
    func compoundKeys() async throws {
        let folder = try TemporaryFolder()
        let long = String(repeating: "q", count: 300)
        let log = try folder.file(
            "log.csv", "user,item,time\n1,bc,1\n12,c,1\n1,2c,1\n,c,1\n1,\(long),1\n1,\(long)c,1\n")
        let clicks = try folder.file("clicks.csv", "user,item\n12,c\n1,bcd\n,c\n\(long),1\n1,\(long)c\n")
        var settings = settings(log, clicks, .init(source: "clicks", key: ["user", "item"], on: ["user", "item"]))
        settings.userKind = .text
        settings.mostRejects = .rows(1)
        let got = try await Ingested(settings)
        #expect(got.rows.labels == [0, 1, 0, 0, 1])
        // `1,bcd`, the one without a user, and the one whose parts are the other way round.
        #expect(got.report.clicks?.withoutImpression == 3)
    }

    @Test("of a rejected row count as without an impression")
    func rejectedRows() async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "id,user,item,time\na,x,x,10\nb,1,y,11\n")
        let clicks = try folder.file("clicks.csv", "id\na\nb\n")
        var settings = settings(log, clicks, .init(source: "clicks", key: ["id"], on: ["id"]))
        settings.mostRejects = .rows(1)
        let got = try await Ingested(settings)
        #expect(got.rows.labels == [1])
        #expect(got.report.clicks?.withoutImpression == 1)
    }

    @Test(
        "that cannot be read are an error with its place",
        arguments: [("user,item,at\n1,x,3\n1,x,soon\n", 3), ("user,item,at\n1,x\n1,x,soon\n", 2)])
    func badClicks(text: String, line: Int) async throws {
        let folder = try TemporaryFolder()
        let log = try folder.file("log.csv", "user,item,time\n1,x,1\n")
        let clicks = try folder.file("clicks.csv", text)
        let rule = IngestSettings.ClickLog(
            source: "clicks", key: ["user"], on: ["user"], window: Self.within(.seconds(1)))
        let error = await Ingested.failure(settings(log, clicks, rule))
        #expect(error?.code == .data && error?.position?.file == clicks && error?.position?.line == line)
    }

    @Test("and a log without rows, or none at all, are no trouble")
    func empty() async throws {
        let folder = try TemporaryFolder()
        let rule = IngestSettings.ClickLog(
            source: "clicks", key: ["user"], on: ["user"], window: Self.within(.seconds(1)))
        let rows = try folder.file("log.csv", "user,item,time\n1,x,1\n")
        let none = try folder.file("none.csv", "user,item,time,at\n")
        #expect(try await Ingested(settings(rows, none, rule)).rows.labels == [0])
        #expect(try await Ingested(settings(none, none, rule)).report.clicks?.count == 0)
    }

    @Test(
        "need settings that make sense",
        arguments: [
            (IngestSettings.ClickLog(source: "klicks", key: ["id"], on: ["id"]), "there is no source `klicks`"),
            (.init(source: "log", key: ["id"], on: ["id"]), "the clicks are in the log itself"),
            (.init(source: "clicks", key: ["id"], on: ["id", "user"]), "names 1 of their columns and 2 of the log's"),
            (.init(source: "clicks", key: [], on: []), "names 0 of their columns"),
            (.init(source: "clicks", key: ["none"], on: ["id"]), "source `clicks` has no column `none`"),
            (.init(source: "clicks", key: ["id"], on: ["none"]), "source `log` has no column `none`"),
            (
                .init(source: "clicks", key: ["id"], on: ["id"], window: ClickLogTests.within(.seconds(-1))),
                "from 0 s to 36500 days"
            ),
            (
                .init(source: "clicks", key: ["id"], on: ["id"], window: ClickLogTests.within(.seconds(Int64.max))),
                "from 0 s to 36500 days"
            ),
            (
                .init(
                    source: "clicks", key: ["id"], on: ["id"],
                    window: .init(time: .init(column: "when", format: .iso8601), length: .seconds(1))),
                "source `clicks` has no column `when`"
            ),
        ])
    func refusals(rule: IngestSettings.ClickLog, message: String) async {
        var settings = settings("/nowhere", "/nowhere", rule)
        settings.sources[0].header = .names(["id", "user", "item", "time"])
        settings.sources[1].header = .names(["id", "at"])
        let error = await Ingested.failure(settings)
        #expect(error?.code == .usage && error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test("are no part of standard input where the log is")
    func standardInput() async {
        let settings = settings("-", "-", .init(source: "clicks", key: ["user"], on: ["user"]))
        #expect(await Ingested.failure(settings)?.code == .usage)
    }
}
