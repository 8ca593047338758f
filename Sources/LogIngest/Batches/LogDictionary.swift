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

    /// Gives a column the log's ids in place of others, and counts them: `ids[i]` takes the place of `i`; 0 stays 0.
    func renumber(_ column: inout FeatureColumn, by ids: Span<UInt32>) {
        // The counts have one owner, a local one, while they change: a class's property is checked at every access.
        var counts = RowCounts()
        swap(&counts, &self.counts)
        defer { swap(&counts, &self.counts) }
        // The payload, too, must have one owner, or it would be copied.
        if case .categorical(var values) = column {
            column = .dense([])
            unseenCount += counts.renumber(&values, by: ids)
            column = .categorical(values)
        } else if case .multivalued(let lists) = column {
            let renumbered = counts.renumbered(lists, by: ids)
            unseenCount += lists.values.count - renumbered.values.count
            column = .multivalued(renumbered)
        }
    }

    /// The keys with the rows in which they occurred.
    var vocabulary: Vocabulary {
        Vocabulary(feature: feature, keys: keys.keys, counts: Array(counts.values.dropFirst()))
    }
}
