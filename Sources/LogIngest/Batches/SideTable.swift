import ByteStreams
import Samples

/// A table that features are joined from, whole in memory: its keys, and of its columns those that features use.
struct SideTable {
    /// Which table it is, and by which column it is looked up.
    struct Reference: Hashable {
        var source: String
        var key: String
    }

    /// A feature's column of the table. Ids count in the table's own order, by a dictionary of its own.
    struct Column {
        var values: FeatureColumn
        var dictionary: KeyDictionary?
    }

    /// Row `i` has the key with id `i + 1`.
    private var keys = KeyDictionary()
    /// The columns, by feature name.
    private(set) var columns: [String: Column] = [:]

    /// Reads `source` to its end. Throws `data` where a key stands twice.
    init(
        _ source: IngestSettings.Source, key: String, features: [IngestSettings.FeatureSetting],
        cancellation: Cancellation, report: IngestReport
    ) throws(StageError) {
        var reader = RecordReader(source, cancellation: cancellation, report: report)
        var encoders = features.map(FeatureEncoder.init)
        var streamCount = 0
        var keyIndex = 0
        var indices: [Int] = []
        while try reader.next() {
            if streamCount != reader.streamCount {
                streamCount = reader.streamCount
                let place = reader.headerPosition
                keyIndex = try reader.columns.index(of: key, at: place)
                indices = []
                for feature in features { indices.append(try reader.columns.index(of: feature.column, at: place)) }
            }
            let block = reader.block
            let rows = 0..<block.count
            var fault = insertKeys(of: block, at: keyIndex, name: key)
            for (slot, index) in indices.enumerated() {
                let other = encoders[slot].parse(rows, of: block, at: index, isASCII: false)
                fault = RowFault.first(fault, other)
            }
            if let fault { throw fault.error(in: block) }
            for (slot, index) in indices.enumerated() {
                encoders[slot].encode(rows, of: block, at: index)
            }
            if keys.isNearlyFull || encoders.contains(where: \.isNearlyFull) {
                throw StageError(.environment, "the side table does not fit in memory", at: block.stream)
            }
        }
        for (slot, feature) in features.enumerated() {
            columns[feature.name] = Column(values: encoders[slot].take(), dictionary: encoders[slot].dictionary)
        }
    }

    /// The row with `key`; nil if there is none.
    @inline(__always)
    func row(of key: Span<UInt8>) -> Int? {
        let id = keys.find(key)
        return id == 0 ? nil : Int(id) - 1
    }

    private mutating func insertKeys(of block: RecordBlock, at index: Int, name: String) -> RowFault? {
        let bytes = block.bytes.span
        for row in 0..<block.count {
            let before = keys.count
            _ = keys.id(of: bytes.extracting(block.range(row, index)))
            if keys.count == before {
                return RowFault(block, row, index, name, mustBe: "a key that stands in no earlier row")
            }
        }
        return nil
    }
}
