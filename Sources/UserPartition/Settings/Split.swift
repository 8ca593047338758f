import Samples

/// How each user's samples, in time order, fall into a train, a validation and a test part.
///
/// Samples of one user with the same time never part. `parts(times:)` has the rules and worked examples.
public enum Split: Sendable, Hashable {
    /// Shares of each user's samples, read to the nearest millionth. They are not negative, `train` is more than 0, and
    /// together they are 1.
    case fractions(train: Double, validation: Double, test: Double)
    /// Each user's last `test` samples, and the `validation` ones before them; at least one of the two is more than 0.
    case last(validation: Int, test: Int)
    /// One calendar for all users: samples before `validationFrom` are for training, those from `testFrom` on for testing.
    /// Milliseconds since 1970-01-01 UTC, `validationFrom <= testFrom`.
    case dates(validationFrom: Int64, testFrom: Int64)

    /// Refuses splits that make no sense. Throws `usage`.
    func check() throws(StageError) {
        switch self {
        case .fractions(let train, let validation, let test):
            let shares = [train, validation, test]
            guard shares.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(shares.reduce(0, +) - 1) <= 1e-6 else {
                throw StageError(
                    .usage, "the shares of train, validation and test must be 0 to 1 and make 1 together",
                    advice: "for example 0.7, 0.1 and 0.2")
            }
            guard Self.millionths(train) > 0 else {
                throw StageError(.usage, "the share of train must be more than 0")
            }
        case .last(let validation, let test):
            guard validation >= 0, test >= 0, validation <= Self.mostLast, test <= Self.mostLast, validation + test > 0
            else {
                throw StageError(
                    .usage, "the numbers of last samples must be 0 to \(Self.mostLast), and not both 0",
                    advice: "for example 1 for validation and 1 for test")
            }
        case .dates(let validationFrom, let testFrom):
            guard validationFrom <= testFrom else {
                throw StageError(.usage, "validation must not begin after test")
            }
        }
    }

    /// Where a user's train part and validation part end.
    ///
    /// For fractions and `n` samples, train is to end after `n · train` samples and validation after
    /// `n · (train + validation)`, both rounded half up. A cut that would part samples of one time moves to the nearer
    /// end of that run of equal times, to the later one if both are as near. With 0.7, 0.1 and 0.2:
    ///
    /// | times | cuts wanted | trainEnd, validationEnd | why |
    /// | --- | --- | --- | --- |
    /// | `1 2 3 4 5 6 7 8 9 10` | 7, 8 | 7, 8 | |
    /// | `1 2 3 4 5` | 3.5 → 4, 4 | 4, 4 | no validation part |
    /// | `1` | | 1, 1 | one sample |
    /// | `1 2 3 4 5 6 6 6 9 10` | 7, 8 | 8, 8 | run 5..<8: 8 is nearer to 7 than 5 |
    /// | `1 2 3 4 5 6 6 8 8 10` | 7, 8 | 7, 9 | run 7..<9: both ends as near to 8 |
    /// | `1 2 3 4 5 6 7 7 7 7` | 7, 8 | 6, 10 | run 6..<10: 6 is nearer to 7; 8 lies in the middle |
    ///
    /// For the last samples, train keeps at least one. A cut that would part samples of one time moves to the start of that
    /// run, so that a part holds at least what was asked for, but to its end where nothing would be left to train on. With
    /// one for validation and one for test:
    ///
    /// | times | trainEnd, validationEnd | why |
    /// | --- | --- | --- |
    /// | `1 2 3 4` | 2, 3 | |
    /// | `1 2` | 1, 1 | train first, then test |
    /// | `1 2 3 3 3` | 2, 2 | all of run 2..<5 |
    /// | `1 1 1 4` | 3, 3 | run 0..<3 must stay |
    ///
    /// By either rule a user with one sample has it in train. By dates every sample has the part of its time, whatever the
    /// user's others are.
    ///
    /// - Parameter times: One user's times, never falling.
    /// - Returns: Numbers of samples, `0 <= trainEnd <= validationEnd <= times.count`: moving a cut keeps the order of
    ///   cuts, so they never cross.
    public func parts(times: some RandomAccessCollection<Int64>) -> (trainEnd: Int, validationEnd: Int) {
        let count = times.count
        func time(_ row: Int) -> Int64 { times[times.index(times.startIndex, offsetBy: row)] }
        guard let wanted = cuts(count: count) else {
            guard case .dates(let validationFrom, let testFrom) = self else { return (count, count) }
            return (times.count { $0 < validationFrom }, times.count { $0 < testFrom })
        }
        func moved(_ cut: Int) -> Int {
            guard cut > 0, cut < count, time(cut - 1) == time(cut) else { return cut }
            var start = cut - 1
            while start > 0, time(start - 1) == time(cut) { start -= 1 }
            var end = cut + 1
            while end < count, time(end) == time(cut) { end += 1 }
            return self.moved(cut, outOf: start..<end)
        }
        return (moved(wanted.train), moved(wanted.validation))
    }

    /// Where the parts of `count` samples are to end before equal times are looked at; nil where only times tell.
    func cuts(count: Int) -> (train: Int, validation: Int)? {
        switch self {
        case .fractions(let train, _, let test):
            guard count > 1 else { return (count, count) }
            // The two outer shares decide, so that a test share of 0 leaves nothing over, however the rest was rounded.
            return (
                Self.share(Self.millionths(train), of: count),
                Self.share(Self.whole - Self.millionths(test), of: count)
            )
        case .last(let validation, let test):
            guard count > 1 else { return (count, count) }
            let validationEnd = max(1, count - test)
            return (max(1, validationEnd - validation), validationEnd)
        case .dates: return nil
        }
    }

    /// Where a cut inside a run of equal times goes.
    func moved(_ cut: Int, outOf run: Range<Int>) -> Int {
        switch self {
        case .last: run.lowerBound > 0 ? run.lowerBound : run.upperBound
        case .fractions, .dates: cut - run.lowerBound < run.upperBound - cut ? run.lowerBound : run.upperBound
        }
    }

    /// Most samples of a user that `last` can put aside.
    public static let mostLast = 1_000_000_000

    private static let whole = 1_000_000

    /// In whole millionths a cut is exact: 45 · 0.7 is 31.5 on paper but a little less in binary.
    private static func millionths(_ share: Double) -> Int { Int((share * Double(whole)).rounded()) }

    /// `count · millionths / 10⁶`, rounded half up.
    private static func share(_ millionths: Int, of count: Int) -> Int {
        let (quotient, remainder) = count.quotientAndRemainder(dividingBy: whole)
        return quotient * millionths + (remainder * millionths + whole / 2) / whole
    }
}
