import Samples

/// The keys of one dictionary feature over the whole log, their ids and counts. Asked in the log's order, by one thread.
final class LogDictionary {
    /// The feature's name.
    let feature: String
    private var keys: KeyDictionary
    /// Whether keys come from a vocabulary that was given, and others are unseen.
    let isFixed: Bool
    private let isMultivalued: Bool
    private var counts = RowCounts()
    /// Values whose keys do not stand in the given vocabulary.
    private(set) var unseenCount = 0

    /// Without keys, or with those of a vocabulary, which then gets no others.
    init(_ feature: SampleSchema.Feature, vocabulary: Vocabulary? = nil) {
        self.feature = feature.name
        isMultivalued = feature.kind == .multivalued
        isFixed = vocabulary != nil
        keys = KeyDictionary()
        if let vocabulary {
            for row in 0..<vocabulary.count { _ = keys.id(of: vocabulary.keys.utf8(row).span) }
        }
        counts.reserve(keys.count, isMultivalued: isMultivalued)
    }

    /// Whether the keys of one more chunk might not fit.
    var isNearlyFull: Bool { keys.isNearlyFull }

    /// The id of `key`; 0 if it is not in a given vocabulary.
    func id(of key: Span<UInt8>) -> UInt32 {
        if isFixed { return keys.find(key) }
        let id = keys.id(of: key)
        counts.reserve(keys.count, isMultivalued: isMultivalued)
        return id
    }

    /// Gives a column the log's ids in place of others, and counts them. `id` says what becomes of an id above 0.
    @inline(__always)
    func renumber(_ column: inout FeatureColumn, by id: (UInt32) -> UInt32) {
        // The payload must have one owner while it changes, or it would be copied.
        if case .categorical(var ids) = column {
            column = .dense([])
            for row in ids.indices where ids[row] != 0 {
                let new = id(ids[row])
                ids[row] = new
                if new == 0 { unseenCount += 1 }
                counts.add(new)
            }
            column = .categorical(ids)
        } else if case .multivalued(let lists) = column {
            column = .multivalued(renumbered(lists, by: id))
        }
    }

    @inline(__always)
    private func renumbered(_ lists: ListColumn, by id: (UInt32) -> UInt32) -> ListColumn {
        var ends: [Int32] = [0]
        var values: [UInt32] = []
        ends.reserveCapacity(lists.offsets.count)
        values.reserveCapacity(lists.values.count)
        for row in 0..<lists.count {
            for old in lists[row] {
                let new = id(old)
                counts.addOnce(new)
                // A list holds no "unseen": it is shorter instead.
                if new == 0 { unseenCount += 1 } else { values.append(new) }
            }
            ends.append(Int32(truncatingIfNeeded: values.count))
            counts.endRow()
        }
        return ListColumn(offsets: ends, values: values)
    }

    /// The keys with the rows in which they occurred.
    var vocabulary: Vocabulary {
        Vocabulary(feature: feature, keys: keys.keys, counts: Array(counts.values.dropFirst()))
    }
}
