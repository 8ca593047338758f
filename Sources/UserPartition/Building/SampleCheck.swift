import ArrowStream
import Samples

/// What every batch must keep to before its values are used as places in tables: one schema, labels of 0 or 1, ids
/// below the feature's size.
struct SampleCheck {
    /// Most ids that all features together may have. Tables have a row an id, so whoever trusts a damaged stream's ids
    /// runs out of memory; a model of this many, 16 numbers an id, takes 16 GiB.
    static let mostIDs = 1 << 28

    /// The schema of every batch.
    let schema: SampleSchema
    /// What ids lie below, for each feature that has ids.
    let sizes: [Int?]
    /// Why a batch of another schema is refused.
    private let mismatch: String

    /// Most bytes of a feature's name: tables of counts repeat it in each row.
    private static let mostNameBytes = 1000

    /// The check for a stream that is to be partitioned. Throws `data` for a schema that no store can have.
    init(incoming schema: SampleSchema) throws(StageError) {
        self.schema = schema
        mismatch = "the columns change within the stream"
        var names: Set<String> = []
        for feature in schema.features {
            guard names.insert(feature.name).inserted else {
                throw StageError(.data, "two features are called \(feature.name)")
            }
            guard feature.name.utf8.count <= Self.mostNameBytes else {
                throw StageError(
                    .data, "a feature's name has \(feature.name.utf8.count) bytes; \(Self.mostNameBytes) are the most",
                    advice: "rename it")
            }
            guard !SampleStreamEncoder.reservedNames.contains(feature.name) else {
                throw StageError(
                    .data, "a feature is called \(feature.name), as another column of the store", advice: "rename it")
            }
        }
        var sizes: [Int?] = []
        for feature in schema.features {
            switch feature.encoding {
            case nil: sizes.append(nil)
            case .dictionary: sizes.append(Self.mostIDs)
            case .hash(let size):
                guard size > 0, size < Self.mostIDs else {
                    throw StageError(
                        .data, "feature \(feature.name) is hashed to \(size) ids; 1 to \(Self.mostIDs - 1) can be held")
                }
                sizes.append(size + 1)
            }
        }
        self.sizes = sizes
    }

    /// The check for a store's own batches.
    init(_ manifest: PartitionManifest) {
        schema = manifest.storedSchema
        sizes = manifest.storedDictionarySizes
        mismatch = "the columns are not those that the manifest names"
    }

    /// Throws `data` if the batch breaks a rule.
    func check(_ batch: SampleBatch, at position: SourcePosition? = nil) throws(StageError) {
        guard batch.schema == schema else {
            throw StageError(.data, mismatch, at: position)
        }
        // Many at once; which of them it is matters only then.
        let areBinary = batch.labels.reduce(true) { $0 && ($1 == 0) != ($1 == 1) }
        if !areBinary, let row = batch.labels.firstIndex(where: { $0 != 0 && $0 != 1 }) {
            throw StageError(
                .data, "a label of user \(batch.users[row]) is \(batch.labels[row]), neither 0 nor 1", at: position)
        }
        for (index, column) in batch.features.enumerated() {
            guard let size = sizes[index] else { continue }
            let greatest =
                switch column {
                // `max()` would compare one after the other.
                case .categorical(let ids): ids.reduce(0, Swift.max)
                case .multivalued(let lists): lists.values.reduce(0, Swift.max)
                case .dense: 0 as UInt32
                }
            guard Int(greatest) < size else {
                throw StageError(
                    .data, "feature \(schema.features[index].name) has id \(greatest); ids lie below \(size)",
                    at: position)
            }
        }
    }
}
