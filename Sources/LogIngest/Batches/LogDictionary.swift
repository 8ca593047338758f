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

    /// Gives a column the log's ids in place of others, and counts them, some of them only with `takeCounts`.
    func renumber(_ column: inout FeatureColumn, by ids: inout ForeignIDs) {
        // The payload must have one owner while it changes, or it would be copied.
        if case .categorical(var values) = column {
            column = .dense([])
            ids.renumber(&values, counts: &counts)
            column = .categorical(values)
        } else if case .multivalued(let lists) = column {
            column = .multivalued(counts.renumbered(lists, by: ids))
        }
    }

    /// Takes over what was counted under other ids: before these are thrown away, and before anybody asks for counts.
    func takeCounts(of ids: inout ForeignIDs) { counts.take(&ids) }

    /// Values whose keys do not stand in the given vocabulary.
    var unseenCount: Int { counts.unseenCount }

    /// The keys with the rows in which they occurred.
    var vocabulary: Vocabulary {
        Vocabulary(feature: feature, keys: keys.keys, counts: Array(counts.values.dropFirst()))
    }
}
