import CTRModels
import Foundation
import LabelCorrection
import Samples
import Testing

@testable import LocalStages

@Suite("Reports that add up")
struct CTRMergeTests {
    private static func store(_ digit: Int) -> String { String(repeating: "\(digit)", count: 64) }

    /// Users with every corner: none, one, few and many samples, single class both ways, many alike.
    private static func users(_ count: Int, using generator: inout SplitMix64) -> [ClickCounts] {
        (0..<count).map { _ in
            let most = [0, 1, 2, 3, 7, 500].randomElement(using: &generator) ?? 0
            let samples = Int.random(in: 0...most, using: &generator)
            return ClickCounts(samples: samples, positives: Int.random(in: 0...samples, using: &generator))
        }
    }

    @Test("the reports of any division of users, in any order, give the bytes of the report over all")
    func division() throws {
        var generator = SplitMix64(seed: 1)
        var merged = 0
        for round in 0..<200 {
            let users = Self.users(Int.random(in: 1...60, using: &generator), using: &generator)
            let parts = Int.random(in: 1...8, using: &generator)
            var division = [[ClickCounts]](repeating: [], count: parts)
            for user in users { division[Int.random(in: 0..<parts, using: &generator)].append(user) }
            // Where one class is missing there is no report.
            let reports = division.enumerated().compactMap { part, users in
                try? CTRReport(users: users, stores: [Self.store(part)])
            }
            guard reports.count == parts else { continue }
            merged += 1
            var merge = CTRMerge()
            for report in reports.shuffled(using: &generator) {
                // As a file holds it.
                try merge.add(CTRReport(json: report.json(), name: "part"), from: "part")
            }
            let whole = try CTRReport(users: users, stores: (0..<parts).map(Self.store))
            #expect(try merge.report().json() == whole.json(), "round \(round)")
        }
        #expect(merged > 50)
    }

    @Test("merging merged reports is merging them all")
    func steps() throws {
        var generator = SplitMix64(seed: 2)
        let reports = try (0..<4).map { part in
            try CTRReport(users: Self.users(40, using: &generator), stores: [Self.store(part)])
        }
        func merged(_ reports: [CTRReport]) throws -> CTRReport {
            var merge = CTRMerge()
            for report in reports { try merge.add(report, from: "x") }
            return try merge.report()
        }
        let halves = [try merged([reports[2], reports[0]]), try merged([reports[3], reports[1]])]
        #expect(try merged(halves) == merged(reports))
        #expect(try merged([reports[0]]) == reports[0])
    }

    @Test("a store that comes twice is an error that names both files")
    func twice() throws {
        let users = [ClickCounts(samples: 3, positives: 1)]
        var merge = CTRMerge()
        try merge.add(CTRReport(users: users, stores: [Self.store(1), Self.store(2)]), from: "a")
        let error = try #require(throws: StageError.self) {
            try merge.add(CTRReport(users: users, stores: [Self.store(2), Self.store(3)]), from: "b")
        }
        #expect(error.description.hasPrefix("b: error: the store \(Self.store(2)) is already in a:"))
        #expect(error.code == .data)
    }

    @Test("reports whose stores are not known add up, too")
    func unknownStores() throws {
        let users = [ClickCounts(samples: 3, positives: 1)]
        var merge = CTRMerge()
        for _ in 0..<2 { try merge.add(CTRReport(users: users), from: "a") }
        #expect(try merge.report() == CTRReport(users: users + users))
    }

    @Test("stores and devices do not add up, whichever comes first")
    func mixed() throws {
        let stores = try CTRReport(users: [ClickCounts(samples: 3, positives: 1)])
        let device = DeviceReport(samples: 3, positives: 1, privacy: try DevicePrivacy(clip: 9, epsilon: Epsilon(1)))
        var tally = DeviceTally()
        try tally.add(device)
        let devices = try CTRReport(tally)
        var merge = CTRMerge()
        try merge.add(stores, from: "a")
        #expect(throws: StageError.self) { try merge.add(devices, from: "b") }
        let error = try #require(throws: StageError.self) { try merge.add(device, from: "b") }
        #expect(error.message.hasPrefix("reports of stores and of devices do not add up"))
        merge = CTRMerge()
        try merge.add(device, from: "a")
        #expect(throws: StageError.self) { try merge.add(stores, from: "b") }
        #expect(try merge.report() == devices)
    }

    @Test("sums beyond the greatest integer are an error, and nothing has no report")
    func limits() throws {
        let many = try CTRReport(users: [ClickCounts(samples: .max / 2 + 1, positives: .max / 4)])
        var merge = CTRMerge()
        #expect(throws: StageError.self) { try merge.report() }
        try merge.add(many, from: "a")
        #expect(throws: StageError.self) { try merge.add(many, from: "b") }
        let far = DeviceReport(samples: .max, positives: 1, privacy: try DevicePrivacy(clip: 9, epsilon: Epsilon(1)))
        merge = CTRMerge()
        try merge.add(far, from: "a")
        #expect(throws: StageError.self) { try merge.add(far, from: "b") }
    }

    // MARK: Files

    /// Adds up files with these contents.
    private func merged(_ contents: [String]) async throws -> CTRReport {
        let folder = try ScriptedStage.Folder()
        var paths: [String] = []
        for (index, text) in contents.enumerated() {
            paths.append(folder.path + "/\(index)")
            try Data(text.utf8).write(to: URL(filePath: paths[index]))
        }
        defer { withExtendedLifetime(folder) {} }
        return try await CTRReport.merging(paths)
    }

    private static func line(_ samples: Int, _ positives: Int, _ rest: String = #""clip":9,"epsilon":0.5"#) -> String {
        #"{"format":1,"device":{"samples":\#(samples),"positives":\#(positives),\#(rest)}}"#
    }

    @Test("lines of devices are added up from files of any length, with and without a last line feed, and beside sums")
    func deviceFiles() async throws {
        // More than a block of 64 KiB, so that lines lie across two.
        let lines = (0..<3000).map { Self.line($0 % 7 - 2, $0 % 3 - 1) }
        let one = try await merged([lines.joined(separator: "\n") + "\n", Self.line(5, 2)])
        #expect(one.users == 3001)
        #expect(one.counts.samples == 5 + (0..<3000).reduce(0) { $0 + $1 % 7 - 2 })
        #expect(one.counts.positives == 2)
        let sum = String(decoding: one.json(), as: UTF8.self)
        let both = try await merged([sum, Self.line(-3, 4) + "\n", sum])
        #expect(both.users == 6003)
        #expect(both.counts.positives == 8)
        #expect(both.json().count < sum.utf8.count + 10)
    }

    @Test(
        "a line that no device sends is an error at its place",
        arguments: [
            ("", "this is not JSON"), ("nonsense", "this is not JSON"), ("{}", "format is missing"),
            (#"{"format":2,"device":{}}"#, "format must be 1, the only one known"),
            (#"{"format":1,"device":{}}"#, "device.samples is missing"),
            (#"{"format":1,"device":{"samples":1,"positives":0.5}}"#, "device.positives must be an integer from"),
            (line(1, 1, #""clip":0,"epsilon":1"#), "device.clip must be an integer from 1 to 1000000000"),
            (line(1, 1, #""clip":1,"epsilon":0"#), "device.epsilon must be from 0.000001 to 1000"),
            (line(1, 1, #""clip":1,"epsilon":0.1234567"#), "device.epsilon must be from 0.000001 to 1000"),
            (line(1, 1, #""clip":1,"epsilon":"1""#), "device.epsilon must be a number"),
            (line(.max, 1), "device.samples must be an integer from -4611686018427387904 to 4611686018427387904"),
            (line(1, 1).dropLast(2).description, "a comma or a closing brace is missing here"),
            (line(1, 1, "\"x\":\"\(String(repeating: "x", count: 1 << 16))\""), "a line has more than 65536 bytes"),
        ])
    func badLine(line: String, message: String) async throws {
        let error = try await #require(throws: StageError.self) {
            try await merged([Self.line(3, 1) + "\n" + line + "\n" + Self.line(3, 1) + "\n"])
        }
        #expect(error.message.hasPrefix(message) || (line.isEmpty && error.message.hasPrefix("the document ends")))
        #expect(error.code == .data)
        #expect(error.position?.line == 2)
    }

    @Test("a file that is neither kind, empty or missing is an error that names it")
    func badFile() async throws {
        for text in ["", "{}", "[]", "nonsense", String(repeating: "x", count: 200_000)] {
            let error = try await #require(throws: StageError.self) { try await merged([text]) }
            #expect(error.code == .data)
            #expect(error.position?.file.hasSuffix("/0") == true)
        }
        let error = try await #require(throws: StageError.self) { try await CTRReport.merging(["/nowhere/x"]) }
        #expect(error.code == .environment)
    }

    @Test("noise that leaves nothing between 0 and 1 is an error, not a global CTR")
    func noEstimate() async throws {
        for (samples, positives) in [(3, 0), (3, -1), (3, 3), (3, 4), (0, 0), (-3, -1)] {
            let error = try await #require(throws: StageError.self) {
                try await merged([Self.line(samples, positives)])
            }
            #expect(error.code == .data)
            #expect(error.message.hasPrefix("the reports of 1 devices give no global CTR between 0 and 1"))
        }
    }
}
