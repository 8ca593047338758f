import Samples

/// Turns one column's fields into a feature's ids or numbers, in two steps: `parse` refuses what cannot be read, then
/// `encode` gives keys their ids, so that a refused row never leaves a key behind.
struct FeatureEncoder {
    private let setting: IngestSettings.FeatureSetting
    private let missing: MissingTexts
    private let separator: [UInt8]
    /// Nil for dense features.
    private var keys: KeyEncoder?
    private var column: ColumnBuilder
    private var counts = RowCounts()

    /// Most values of one multi-valued field; bounds what a joined row can blow up to.
    static let mostListValues = 65_535

    init(_ setting: IngestSettings.FeatureSetting) {
        self.setting = setting
        missing = MissingTexts(setting.missing)
        column = ColumnBuilder(setting.schemaFeature.kind)
        switch setting.kind {
        case .categorical(let encoding):
            keys = KeyEncoder(encoding)
            separator = []
        case .multivalued(let text, let encoding):
            keys = KeyEncoder(encoding)
            separator = Array(text.utf8)
        case .dense: separator = []
        }
    }

    /// The keys so far; nil for hashed and dense features.
    var dictionary: KeyDictionary? { keys?.dictionary }

    /// The keys with the rows in which they occurred; nil for hashed and dense features.
    var vocabulary: Vocabulary? {
        dictionary.map { Vocabulary(feature: setting.name, keys: $0.keys, counts: counts.values) }
    }

    /// Whether one more block of rows might not fit: lists of ids and key bytes have 32-bit offsets.
    var isNearlyFull: Bool { column.byteCount > 4 << 30 || dictionary?.isNearlyFull == true }

    /// Bytes held in rows not taken yet.
    var byteCount: Int { column.byteCount }

    /// Checks the fields of `rows`, and takes in numbers. Returns the first field that cannot be read.
    mutating func parse(_ rows: Range<Int>, of block: RecordBlock, at index: Int, isASCII: Bool) -> RowFault? {
        let bytes = block.bytes.span
        switch setting.kind {
        case .dense(let transform):
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                if let number = transform.number(text) {
                    column.append(number: number)
                } else if missing.contains(text) {
                    column.append(number: 0)
                } else {
                    let advice = text.isEmpty ? #"; list "" as missing to read it as 0"# : ""
                    return RowFault(block, row, index, setting.column, mustBe: transform.expectation, advice: advice)
                }
            }
        case .categorical:
            if isASCII { return nil }
            for row in rows where !bytes.extracting(block.range(row, index)).isUTF8 {
                return RowFault(block, row, index, setting.column, mustBe: "UTF-8 text")
            }
        case .multivalued:
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                if !isASCII && !text.isUTF8 {
                    return RowFault(block, row, index, setting.column, mustBe: "UTF-8 text")
                }
                if text.count > Self.mostListValues, valueCount(text) > Self.mostListValues {
                    let most = "at most \(Self.mostListValues) values"
                    return RowFault(block, row, index, setting.column, mustBe: most)
                }
            }
        }
        return nil
    }

    /// Gives the keys in `rows`, which `parse` has passed, their ids.
    mutating func encode(_ rows: Range<Int>, of block: RecordBlock, at index: Int) {
        let bytes = block.bytes.span
        switch setting.kind {
        case .dense: break
        case .categorical:
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                let id = id(of: text)
                counts.add(id)
                column.append(id: id)
            }
        case .multivalued:
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                if !missing.contains(text) { appendValues(of: text) }
                column.endList()
                counts.endRow()
            }
        }
    }

    /// The rows so far as a column; none are left.
    mutating func take() -> FeatureColumn { column.take() }

    @inline(__always)
    private mutating func id(of text: Span<UInt8>) -> UInt32 {
        text.isEmpty || missing.contains(text) ? 0 : keys?.id(of: text) ?? 0
    }

    private mutating func appendValues(of text: Span<UInt8>) {
        var start = 0
        while start <= text.count {
            let end = separatorStart(in: text, from: start)
            let id = id(of: text.extracting(start..<end))
            if id > 0 {
                counts.addOnce(id)
                column.append(id: id)
            }
            start = end + separator.count
        }
    }

    private func valueCount(_ text: Span<UInt8>) -> Int {
        var count = 0
        var start = 0
        while start <= text.count {
            count += 1
            start = separatorStart(in: text, from: start) + separator.count
        }
        return count
    }

    /// Where the next separator stands, at or after `start`; the text's end if there is none.
    private func separatorStart(in text: Span<UInt8>, from start: Int) -> Int {
        var position = start
        while position + separator.count <= text.count {
            if text[position] == separator[0],
                separator.count == 1
                    || text.extracting(position..<(position + separator.count)).isEqual(to: separator)
            {
                return position
            }
            position += 1
        }
        return text.count
    }
}
