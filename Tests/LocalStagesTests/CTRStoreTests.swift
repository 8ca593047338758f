import ByteStreams
import CTRModels
import Foundation
import LabelCorrection
import Samples
import Testing
import UserPartition

@testable import LocalStages

@Suite("ctr over a store")
struct CTRStoreTests {
    /// A store of samples whose labels' first 70 % are train labels.
    private static func store(
        _ samples: SampleBatch, in folder: ScriptedStage.Folder, _ name: String = "store"
    ) async throws -> PartitionStore {
        var raw = samples
        raw.parts = nil
        let stream = ThreadedSequence<SampleBatch> { [raw] output throws(StageError) in try output.send(raw) }
        _ = try await stream.partition(into: "\(folder.path)/\(name)")
        return try PartitionStore(opening: "\(folder.path)/\(name)")
    }

    private static let users = ScriptedStage.ordinary + ScriptedUsers.corners

    @Test("a report fits the stores it was measured on, alone or among others, and no other")
    func check() async throws {
        let folder = try ScriptedStage.Folder()
        let first = try await Self.store(ScriptedUsers.batch(Self.users), in: folder, "first")
        let second = try await Self.store(ScriptedUsers.batch(ScriptedStage.ordinary), in: folder, "second")
        let (one, two) = (first.manifest.fingerprint, second.manifest.fingerprint)
        let report = try await first.localDatasets().measureCTR(stores: [one])
        try report.check(against: first.manifest)
        let error = try #require(throws: StageError.self) { try report.check(against: second.manifest) }
        #expect(error.message.contains("measured on another store"))
        var merge = CTRMerge()
        try merge.add(report, from: "a")
        try merge.add(await second.localDatasets().measureCTR(stores: [two]), from: "b")
        for store in [first, second] { try merge.report().check(against: store.manifest) }
        // The same counts, of a store with another fingerprint.
        let stranger = try await first.localDatasets().measureCTR(stores: [two])
        #expect(throws: StageError.self) { try stranger.check(against: first.manifest) }
        // Not known from which store: the counts decide.
        let unknown = try await first.localDatasets().measureCTR()
        try unknown.check(against: first.manifest)
        #expect(throws: StageError.self) { try unknown.check(against: second.manifest) }
        // Nobody knows whose devices they are.
        var devices = DeviceTally()
        try devices.add(DeviceReport(samples: 9, positives: 2, privacy: DevicePrivacy(clip: 9, epsilon: Epsilon(1))))
        try CTRReport(devices).check(against: first.manifest)
    }

    private func table(_ report: CTRReport, of store: PartitionStore, _ folder: ScriptedStage.Folder)
        async throws -> [String]
    {
        let sink = try await ByteSink(path: folder.path + "/table.csv")
        try await report.writeUsersTable(of: store, to: sink)
        try await sink.publish()
        let text = try String(decoding: Data(contentsOf: URL(filePath: folder.path + "/table.csv")), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("the users' table has each user's counts, local CTR and drift in the order of the store")
    func usersTable() async throws {
        let folder = try ScriptedStage.Folder()
        let store = try await Self.store(ScriptedUsers.batch(Self.users), in: folder)
        let report = try await store.localDatasets().measureCTR(stores: [store.manifest.fingerprint])
        let lines = try await table(report, of: store, folder)
        #expect(lines.first == "user,train_samples,train_positives,local_ctr,drift")
        #expect(lines.last == "")
        var expected: [String] = []
        for try await batch in store.localDatasets() {
            for rows in batch.userRanges {
                let train = rows.filter { batch.parts?[$0] == .train }
                let positives = train.count { batch.labels[$0] == 1 }
                var line = "\(batch.users[rows.lowerBound]),\(train.count),\(positives)"
                if train.isEmpty {
                    line += ",,"
                } else {
                    let local = Double(positives) / Double(train.count)
                    line += ",\(local),\(local - report.globalCTR.value)"
                }
                expected.append(line)
            }
        }
        #expect(lines.dropFirst().dropLast() == expected[...])
        #expect(expected.count == 17)
    }

    @Test("text keys stand in quotes where CSV wants them, and users without train samples have empty cells")
    func textKeys() async throws {
        let folder = try ScriptedStage.Folder()
        let keys = ["a,b", "say \"x\"", "two\nlines", "plain"]
        let schema = SampleSchema(
            userKind: .text, features: [.init(name: "item", kind: .categorical, encoding: .dictionary)], item: 0)
        var users = TextColumn()
        for key in keys { for _ in 0..<4 { users.append(key) } }
        var batch = SampleBatch(
            schema, users: .text(users), times: (0..<16).map { Int64($0) },
            labels: (0..<16).map { $0 % 2 == 0 ? 1 : 0 },
            features: [.categorical((0..<16).map { UInt32($0 % 3 + 1) })])
        batch.users.append(.text("single"))
        batch.times.append(100)
        batch.labels.append(1)
        batch.features[0].append(contentsOf: 0..<1, of: .categorical([1]))
        let store = try await Self.store(batch, in: folder)
        let report = try await store.localDatasets().measureCTR()
        let lines = try await table(report, of: store, folder).joined(separator: "\n")
        for key in ["\n\"a,b\",", "\n\"say \"\"x\"\"\",", "\n\"two\nlines\",", "\nplain,"] {
            #expect(lines.contains(key), "\(key)")
        }
        #expect(lines.contains("\nsingle,0,0,,\n") || lines.contains("\nsingle,1,1,1.0,"))
    }

    @Test("an index that counts other samples than the users have is an error")
    func strangeIndex() async throws {
        let folder = try ScriptedStage.Folder()
        let store = try await Self.store(ScriptedUsers.batch(Self.users), in: folder)
        let other = try CTRReport(users: [ClickCounts(samples: 3, positives: 1)])
        let error = try await #require(throws: StageError.self) { try await table(other, of: store, folder) }
        #expect(error.message.hasPrefix("the store's index counts other train samples"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/table.csv"))
    }

    @Test("the index comes in the order of the store, with all its users")
    func index() async throws {
        let folder = try ScriptedStage.Folder()
        let store = try await Self.store(ScriptedUsers.batch(Self.users), in: folder)
        var keys: [UserKey] = []
        for try await users in store.indexBatches() { keys += (0..<users.count).map { users.users[$0] } }
        let whole = try store.users()
        #expect(keys == (0..<whole.count).map { whole.users[$0] })
    }

    // MARK: Devices

    /// So little noise that it rounds to none.
    private static func exact(clip: Int) throws -> DevicePrivacy {
        try DevicePrivacy(clip: clip, epsilon: Epsilon(1000))
    }

    @Test(
        "a fleet sends a report a user, of the newest train samples alone, however the stream is cut",
        arguments: [1, 3, 100])
    func fleet(rows: Int) async throws {
        let stream = ScriptedUsers.stream(ScriptedUsers.corners, rows: rows)
        var reports: [DeviceReport] = []
        for try await batch in stream.deviceReports(try Self.exact(clip: 3), using: SplitMix64(seed: 1)) {
            reports += batch
        }
        let expected = ScriptedUsers.corners.map { ClickCounts(labels: $0.train.suffix(3)) }
        #expect(reports.map { [$0.samples, $0.positives] } == expected.map { [$0.samples, $0.positives] })
    }

    @Test("a fleet's reports come out of the generator alone")
    func seededFleet() async throws {
        func reports(_ seed: UInt64) async throws -> [DeviceReport] {
            let privacy = try DevicePrivacy(clip: 5, epsilon: Epsilon(0.5))
            var reports: [DeviceReport] = []
            let stream = ScriptedUsers.stream(ScriptedUsers.corners, rows: 100)
            for try await batch in stream.deviceReports(privacy, using: SplitMix64(seed: seed)) { reports += batch }
            return reports
        }
        #expect(try await reports(1) == reports(1))
        #expect(try await reports(1) != reports(2))
    }

    @Test("a fleet stops when its task is cancelled")
    func cancelledFleet() async throws {
        let privacy = try Self.exact(clip: 3)
        let task = Task { () -> StageError? in
            do throws(StageError) {
                for try await _ in RepeatedUsers(batches: 1_000_000).deviceReports(privacy, using: SplitMix64(seed: 1))
                {
                }
                return nil
            } catch {
                return error
            }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test("what many devices send comes as near to the global CTR as its noise says")
    func estimate() async throws {
        var generator = SplitMix64(seed: 8)
        let privacy = try DevicePrivacy(clip: 10, epsilon: Epsilon(2))
        var (tally, exact) = (DeviceTally(), ClickCounts())
        for _ in 0..<20_000 {
            let labels: [Float] = (0..<10).map { _ in Int.random(in: 0..<10, using: &generator) < 3 ? 1 : 0 }
            exact += ClickCounts(labels: labels)
            try tally.add(DeviceReport(trainLabels: labels, privacy: privacy, using: &generator))
        }
        let report = try CTRReport(tally)
        let share = try #require(exact.ctr)
        #expect(abs(report.globalCTR.value - share) < 5 * tally.globalCTRNoise)
        #expect(tally.globalCTRNoise < 0.02)
    }
}
