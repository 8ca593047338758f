import Samples

/// Takes the workers' chunks in the log's order: gives ids in order of first appearance, lines their numbers, and keeps the
/// account. One thread's.
struct ChunkCommitter {
    /// How a feature's ids become the log's.
    private enum Renumbering {
        /// Ids by hash and numbers stay as they are.
        case none
        /// By the keys that workers send along; the index counts the log's own features.
        case log(encoder: Int, LogDictionary)
        case table(JoinedDictionary)
    }

    private var renumberings: [Renumbering]
    /// For each worker and each feature of the log's own the log's id of the worker's.
    private var ids: [[ForeignIDs]]
    private var nextLine = 1
    /// Rows before the next chunk, rejected ones counted, too.
    private var rowCount: Int64 = 0
    /// Which clicks samples had; nil where no other log holds them.
    private(set) var clickUse: ClickUse?
    /// The features of each join, and its samples without a partner.
    private let joinFeatures: [[String]]
    private var missCounts: [Int]

    /// Nothing taken yet. `tables` holds the side table of each of the wanted joins, `clicks` the click log, if there is one,
    /// `vocabularies` those that were given.
    init(
        _ settings: IngestSettings, joins: [IngestSettings.FeatureSetting.Join], tables: [SideTable],
        clicks: ClickTable? = nil, vocabularies: [Vocabulary], workerCount: Int
    ) {
        renumberings = []
        var encoderCount = 0
        for feature in settings.allFeatures {
            let dictionary = LogDictionary(
                feature.schemaFeature, vocabulary: vocabularies.first { $0.feature == feature.name })
            if let join = feature.join {
                let table = joins.firstIndex(of: join).map { tables[$0] }
                let keys = table?.columns[feature.name]?.keys
                renumberings.append(keys.map { .table(JoinedDictionary(tableKeys: $0, dictionary)) } ?? .none)
            } else {
                let hasDictionary = feature.schemaFeature.encoding == .dictionary
                renumberings.append(hasDictionary ? .log(encoder: encoderCount, dictionary) : .none)
                encoderCount += 1
            }
        }
        ids = Array(repeating: Array(repeating: ForeignIDs(), count: encoderCount), count: workerCount)
        joinFeatures = joins.map { join in settings.allFeatures.filter { $0.join == join }.map(\.name) }
        missCounts = Array(repeating: 0, count: joins.count)
        clickUse = clicks.map { ClickUse(clickCount: $0.count) }
    }

    /// Gives the chunk's samples the log's ids and groups, and its rejects their lines; lists of side tables come with
    /// `samples`. Throws `data` if a feature has more keys than fit.
    mutating func commit(_ chunk: inout ParsedChunk) throws(StageError) {
        if chunk.isFirst { nextLine = chunk.stream.firstLine }
        chunk.rejects.firstLine = nextLine
        nextLine += chunk.lineCount
        for (join, count) in chunk.missCounts.enumerated() { missCounts[join] += count }
        for clicks in chunk.clicks { clickUse?.mark(clicks) }
        for batch in chunk.batches.indices {
            chunk.batches[batch].samples.groups = chunk.batches[batch].samples.groups?.map { $0 + rowCount }
        }
        rowCount += Int64(chunk.rowsKept + chunk.rejects.count)
        for (feature, renumbering) in renumberings.enumerated() {
            switch renumbering {
            case .none: break
            case .log(let encoder, let dictionary):
                let worker = chunk.worker
                if chunk.restartsKeys {
                    dictionary.takeCounts(of: &ids[worker][encoder])
                    ids[worker][encoder] = ForeignIDs()
                }
                let keys = chunk.newKeys[encoder]
                for row in 0..<keys.count { ids[worker][encoder].append(dictionary.id(of: keys.utf8(row).span)) }
                for batch in chunk.batches.indices {
                    dictionary.renumber(&chunk.batches[batch].samples.features[feature], by: &ids[worker][encoder])
                }
                try check(dictionary, at: chunk.stream.position)
            case .table(let joined):
                for batch in chunk.batches.indices {
                    joined.renumber(&chunk.batches[batch].samples.features[feature])
                }
                try check(joined.dictionary, at: chunk.stream.position)
            }
        }
    }

    /// The samples of a batch whose chunk was committed, whole. To be asked for once a batch, in order.
    func samples(of batch: ParsedBatch) -> SampleBatch {
        var samples = batch.samples
        for joined in batch.joinedLists {
            var column = FeatureColumn.multivalued(batch.gather(joined))
            // The table's keys fit, so those of them that the log meets do.
            if case .table(let dictionary) = renumberings[joined.feature] { dictionary.renumber(&column) }
            samples.features[joined.feature] = column
        }
        return samples
    }

    /// Completes the counts; to be called after the last chunk, when all its samples were asked for.
    mutating func finish() {
        for renumbering in renumberings {
            switch renumbering {
            case .none: break
            case .log(let encoder, let dictionary):
                for worker in ids.indices { dictionary.takeCounts(of: &ids[worker][encoder]) }
            case .table(let joined): joined.finish()
            }
        }
    }

    /// The vocabularies of all dictionary features, in the schema's order.
    var vocabularies: [Vocabulary] { dictionaries.map(\.vocabulary) }

    /// Values whose keys do not stand in a given vocabulary, by feature.
    var unseenCounts: [String: Int] {
        Dictionary(uniqueKeysWithValues: dictionaries.filter(\.isFixed).map { ($0.feature, $0.unseenCount) })
    }

    /// Samples whose key stands nowhere in the side table, by joined feature.
    var joinMisses: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: zip(joinFeatures, missCounts).flatMap { names, count in names.map { ($0, count) } })
    }

    private var dictionaries: [LogDictionary] {
        renumberings.compactMap { renumbering in
            switch renumbering {
            case .none: nil
            case .log(_, let dictionary): dictionary
            case .table(let joined): joined.dictionary
            }
        }
    }

    private func check(_ dictionary: LogDictionary, at position: SourcePosition) throws(StageError) {
        guard dictionary.isNearlyFull else { return }
        throw StageError(
            .data, "the keys of feature `\(dictionary.feature)` take more than 2 GiB", at: position,
            advice: "encode it by hash")
    }
}
