import Samples

/// One bucket's rows and the order they have in the store: by user key, then time, then place in the input.
struct SortedBucket {
    /// One user's samples.
    struct User {
        /// Its places in `order`.
        var rows: Range<Int>
        /// Number of samples in each part.
        var samples: PartitionManifest.Counts
        /// Number of positive samples in the train part.
        var trainPositives: Int
    }

    /// The rows as they came.
    let rows: SampleBatch
    /// The row at each place of the store.
    private(set) var order: [Int]
    /// The users, by key.
    private(set) var users: [User]

    /// Sorts and splits `rows`, fewer than 2³². Cost: linear in the rows where times rise already, as logs' mostly do;
    /// 20 bytes a row on top of the rows themselves.
    init(_ rows: SampleBatch, split: Split) {
        self.rows = rows
        var numbering = UserNumbering(rows.schema.userKind)
        let numbers = numbering.numbers(of: rows.users)
        let keys = numbering.keys
        // A counting sort by user keeps the input's order within each.
        let byKey = (0..<keys.count).sorted { keys.precedes($0, $1) }
        var ends = [Int](repeating: 0, count: keys.count)
        for number in numbers { ends[Int(number)] += 1 }
        users = []
        users.reserveCapacity(keys.count)
        var end = 0
        for number in byKey {
            let start = end
            end += ends[number]
            ends[number] = start
            users.append(
                User(
                    rows: start..<end, samples: PartitionManifest.Counts(train: 0, validation: 0, test: 0),
                    trainPositives: 0))
        }
        order = [Int](repeating: 0, count: rows.count)
        for (row, number) in numbers.enumerated() {
            order[ends[Int(number)]] = row
            ends[Int(number)] += 1
        }
        sortTimes()
        cut(split)
    }

    /// The part of each place in a range of `order`, which may begin and end within users.
    func parts(_ places: Range<Int>, users spans: Range<Int>) -> [Part] {
        var parts: [Part] = []
        parts.reserveCapacity(places.count)
        for user in users[spans] {
            let trainEnd = user.rows.lowerBound + user.samples.train
            let validationEnd = trainEnd + user.samples.validation
            for place in user.rows.clamped(to: places) {
                parts.append(place < trainEnd ? .train : place < validationEnd ? .validation : .test)
            }
        }
        return parts
    }

    private mutating func sortTimes() {
        let times = rows.times
        for user in users {
            let isRising = user.rows.dropFirst().allSatisfy { times[order[$0 - 1]] <= times[order[$0]] }
            if isRising { continue }
            let sorted = order[user.rows].map { (time: times[$0], row: $0) }.sorted {
                ($0.time, $0.row) < ($1.time, $1.row)
            }
            for (place, entry) in zip(user.rows, sorted) { order[place] = entry.row }
        }
    }

    private mutating func cut(_ split: Split) {
        var times: [Int64] = []
        for index in users.indices {
            let places = users[index].rows
            times.removeAll(keepingCapacity: true)
            for place in places { times.append(rows.times[order[place]]) }
            let (trainEnd, validationEnd) = split.parts(times: times)
            users[index].samples = PartitionManifest.Counts(
                train: trainEnd, validation: validationEnd - trainEnd, test: places.count - validationEnd)
            users[index].trainPositives = order[places].prefix(trainEnd).count { rows.labels[$0] == 1 }
        }
    }
}

extension KeyColumn {
    /// Whether one row's key comes before another's, as `UserKey` orders them.
    func precedes(_ row: Int, _ otherRow: Int) -> Bool {
        switch self {
        case .integers(let values): values[row] < values[otherRow]
        case .text(let values): values.utf8(row).lexicographicallyPrecedes(values.utf8(otherRow))
        }
    }
}
