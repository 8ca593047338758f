import Samples

/// Makes history features of a store's batches, which come in order.
struct HistoryWindow {
    private let settings: HistorySettings
    private let schema: SampleSchema
    private let columns: [Int]
    /// The user whose rows came last, and the ids of its positives, a list a feature.
    private var user: KeyColumn?
    private var past: [[UInt32]]
    /// Positives of the time at hand: not yet earlier than anything.
    private var present: [[UInt32]]
    private var time: Int64 = 0
    /// Whether the user's list grows no more.
    private var isClosed = false

    /// For the samples of a store; `columns` are the features that the settings name.
    init(_ settings: HistorySettings, schema: SampleSchema, columns: [Int]) {
        self.settings = settings
        self.schema = schema
        self.columns = columns
        past = columns.map { _ in [] }
        present = past
    }

    /// The batch with its history features.
    mutating func extend(_ batch: SampleBatch) -> SampleBatch {
        let ids = columns.map { column -> [UInt32] in
            if case .categorical(let ids) = batch.features[column] { ids } else { [] }
        }
        var lists = columns.map { _ in ListColumn() }
        for rows in batch.userRanges {
            if !(user.map { $0.isEqual(0, to: batch.users, rows.lowerBound) } ?? false) {
                begin(rows.lowerBound, of: batch)
            }
            for row in rows {
                advance(to: batch.times[row], part: batch.parts?[row] ?? .train)
                for index in columns.indices { lists[index].append(past[index].suffix(settings.length)) }
                guard !isClosed, batch.labels[row] == 1 else { continue }
                for index in columns.indices {
                    present[index].append(ids[index][row])
                    trim(&present[index])
                }
            }
        }
        return SampleBatch(
            schema, users: batch.users, times: batch.times, labels: batch.labels,
            correctedLabels: batch.correctedLabels, parts: batch.parts, groups: batch.groups,
            features: batch.features + lists.map { .multivalued($0) }, continuesUser: batch.continuesUser)
    }

    private mutating func begin(_ row: Int, of batch: SampleBatch) {
        var key = KeyColumn(batch.users.kind)
        key.append(row, of: batch.users)
        user = key
        for index in columns.indices {
            past[index].removeAll(keepingCapacity: true)
            present[index].removeAll(keepingCapacity: true)
        }
        time = .min
        isClosed = false
    }

    /// Takes away, now and then, what no list can reach any more.
    private func trim(_ ids: inout [UInt32]) {
        if ids.count > 4 * settings.length + 64 { ids.removeFirst(ids.count - settings.length) }
    }

    private mutating func advance(to next: Int64, part: Part) {
        if next > time {
            time = next
            for index in columns.indices {
                past[index].append(contentsOf: present[index])
                present[index].removeAll(keepingCapacity: true)
                trim(&past[index])
            }
        }
        // Samples of one time never part: what a part begins with is later than all before it.
        if part != .train && settings.reach == .trainEnd { isClosed = true }
    }
}
