public import LabelCorrection
public import Samples

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `ctr` says of all users' train parts: counts, the global CTR, and how far users' local CTRs drift from it. The
/// content of `ctr.json`.
public struct CTRReport: Sendable, Hashable {
    /// Train samples and positives of all users together.
    public var counts: ClickCounts
    /// All users, those without train samples included.
    public var users: Int
    /// Users without a train sample: they have no local CTR and stand in no quantile.
    public var usersWithoutTrain: Int
    /// Users whose train labels are all 1.
    public var allPositiveUsers: Int
    /// Users whose train labels are all 0.
    public var allNegativeUsers: Int
    /// Quantiles of the local CTR over users with train samples; nil without such users.
    public var localCTR: Quantiles?
    /// Quantiles of the CTR drift, `q - p`, over the same users.
    public var drift: Quantiles?

    /// The share of positives; inside (0, 1), or there would be nothing to align labels to.
    public var globalCTR: GlobalCTR

    /// A report over users' train counts, given in any order. Throws `data` unless some samples are positive and some not.
    public init(users: some Sequence<ClickCounts>) throws(StageError) {
        var total = ClickCounts()
        var locals: [Double] = []
        (self.users, usersWithoutTrain, allPositiveUsers, allNegativeUsers) = (0, 0, 0, 0)
        for counts in users {
            self.users += 1
            total += counts
            guard let localCTR = counts.ctr else {
                usersWithoutTrain += 1
                continue
            }
            if counts.positives == counts.samples { allPositiveUsers += 1 }
            if counts.positives == 0 { allNegativeUsers += 1 }
            locals.append(localCTR)
        }
        counts = total
        guard let share = total.ctr else {
            throw StageError(.data, "no train samples, hence no global CTR")
        }
        do throws(LabelCorrectionError) {
            globalCTR = try GlobalCTR(share)
        } catch {
            throw StageError(
                .data,
                "the global CTR is \(total.positives == 0 ? 0 : 1): \(total.positives == 0 ? "none" : "all") of the"
                    + " \(total.samples) train samples are positive",
                advice: "check the label rule")
        }
        locals.sort()
        localCTR = Quantiles(sorted: locals)
        drift = Quantiles(sorted: locals.map { [globalCTR] in globalCTR.drift(of: $0) })
    }

    /// Users whose train labels are all alike.
    public var singleClassUsers: Int { allPositiveUsers + allNegativeUsers }
}

/// Values below which the given shares of users lie, interpolated linearly between neighbours.
public struct Quantiles: Sendable, Hashable, Codable {
    /// Smallest value.
    public var min: Double
    /// 5 % of users lie below.
    public var p05: Double
    /// 25 % of users lie below.
    public var p25: Double
    /// Half of the users lie below.
    public var p50: Double
    /// 75 % of users lie below.
    public var p75: Double
    /// 95 % of users lie below.
    public var p95: Double
    /// Largest value.
    public var max: Double

    /// The quantiles of rising values; nil without values.
    public init?(sorted values: [Double]) {
        guard let first = values.first, let last = values.last else { return nil }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(values.count - 1)
            let below = Int(place)
            let above = Swift.min(below + 1, values.count - 1)
            return values[below] + (values[above] - values[below]) * (place - Double(below))
        }
        min = first
        p05 = quantile(0.05)
        p25 = quantile(0.25)
        p50 = quantile(0.5)
        p75 = quantile(0.75)
        p95 = quantile(0.95)
        max = last
    }
}

extension CTRReport {
    private struct File: Codable {
        struct Users: Codable {
            var total: Int
            var without_train: Int
            var single_class: Int
            var all_positive: Int
            var all_negative: Int
        }

        var format: Int
        var samples: Int
        var positives: Int
        var global_ctr: Double
        var users: Users
        var local_ctr: Quantiles
        var drift: Quantiles
    }

    /// The bytes of `ctr.json`: the same report, the same bytes.
    public func json() throws(StageError) -> [UInt8] {
        guard let localCTR, let drift else { throw StageError(.data, "no train samples, hence no quantiles") }
        let file = File(
            format: 1, samples: counts.samples, positives: counts.positives, global_ctr: globalCTR.value,
            users: File.Users(
                total: users, without_train: usersWithoutTrain, single_class: singleClassUsers,
                all_positive: allPositiveUsers, all_negative: allNegativeUsers),
            local_ctr: localCTR, drift: drift)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(file)) + Array("\n".utf8)
        } catch {
            throw StageError(.data, "cannot write as JSON: \(error)")
        }
    }

    /// Reads `ctr.json` back. `name` is the file that errors start with.
    public init(json: [UInt8], name: String) throws(StageError) {
        let place = SourcePosition(file: name)
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(json))
        } catch {
            throw StageError(.data, "not a ctr.json", at: place, advice: "make it with `plumb ctr STORE -o ctr.json`")
        }
        guard file.format == 1 else {
            throw StageError(.data, "format \(file.format) of ctr.json is not known here", at: place)
        }
        guard (0...file.samples).contains(file.positives), file.users.total >= 0 else {
            throw StageError(.data, "counts that cannot be: \(file.positives) of \(file.samples)", at: place)
        }
        counts = ClickCounts(samples: file.samples, positives: file.positives)
        users = file.users.total
        usersWithoutTrain = file.users.without_train
        allPositiveUsers = file.users.all_positive
        allNegativeUsers = file.users.all_negative
        localCTR = file.local_ctr
        drift = file.drift
        do throws(LabelCorrectionError) {
            globalCTR = try GlobalCTR(file.global_ctr)
        } catch {
            throw StageError(.data, error.description, at: place)
        }
    }
}
