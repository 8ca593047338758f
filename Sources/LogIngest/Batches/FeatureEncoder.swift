import CFieldSplit
import Samples

/// Turns one column's fields into a feature's ids or numbers, in two steps: `check` refuses what cannot be read, then
/// `encode` gives keys their ids, so that a refused row never leaves a key behind.
struct FeatureEncoder {
    private let setting: IngestSettings.FeatureSetting
    private let missing: MissingTexts
    private let separator: [UInt8]
    /// Nil for dense features.
    private var keys: KeyEncoder?
    private var column: ColumnBuilder

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

    /// Number of keys so far; 0 for hashed and dense features.
    var keyCount: Int { keys?.dictionary?.count ?? 0 }

    /// Bytes of all keys so far.
    var keyBytes: Int { keys?.dictionary?.byteCount ?? 0 }

    /// The keys so far; nil for hashed and dense features.
    var dictionary: KeyDictionary? { keys?.dictionary }

    /// The keys with ids above `count`, in order of their ids; none for hashed and dense features.
    func keys(from count: Int) -> TextColumn { keys?.dictionary?.keys(from: count) ?? TextColumn() }

    /// Numbers keys anew, from 1.
    mutating func forgetKeys() { keys?.forget() }

    /// Whether one more block of rows might not fit: lists of ids and key bytes have 32-bit offsets.
    var isNearlyFull: Bool { column.byteCount > 4 << 30 || dictionary?.isNearlyFull == true }

    /// Throws away the numbers that `check` took in.
    mutating func discardRows() { column.removeAll() }

    /// Checks the fields of `rows`, and takes in numbers; those that cannot be read go to `faults`.
    mutating func check(
        _ rows: Range<Int>, of block: RecordBlock, at index: Int, isASCII: Bool, into faults: inout [FieldFault]
    ) {
        let bytes = block.bytes.span
        switch setting.kind {
        case .dense(let transform):
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                if let number = transform.number(text) {
                    column.append(number: number)
                } else {
                    if !missing.contains(text) {
                        let advice = text.isEmpty ? #"; list "" as missing to read it as 0"# : ""
                        faults.append(
                            FieldFault(
                                block, row, index, setting.column, mustBe: transform.expectation, advice: advice))
                    }
                    column.append(number: 0)
                }
            }
        case .categorical:
            if isASCII { return }
            for row in rows where !bytes.extracting(block.range(row, index)).isUTF8 {
                faults.append(FieldFault(block, row, index, setting.column, mustBe: "UTF-8 text"))
            }
        case .multivalued:
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                if !isASCII && !text.isUTF8 {
                    faults.append(FieldFault(block, row, index, setting.column, mustBe: "UTF-8 text"))
                } else if text.count > Self.mostListValues, valueCount(text) > Self.mostListValues {
                    let most = "at most \(Self.mostListValues) values"
                    faults.append(FieldFault(block, row, index, setting.column, mustBe: most))
                }
            }
        }
    }

    /// Gives the keys in `rows`, which `check` has passed, their ids.
    mutating func encode(_ rows: Range<Int>, of block: RecordBlock, at index: Int) {
        let bytes = block.bytes.span
        switch setting.kind {
        case .dense: break
        case .categorical:
            // Taken out and put back, so that it has one owner, a local one, while it changes.
            guard var keys = keys.take() else { return }
            let fields = block.fields.span
            let columnCount = block.columnCount
            let missing = missing
            column.append(
                ids: keys.ids(in: bytes, count: rows.count) { slot in
                    let field = fields[(rows.lowerBound &+ slot) &* columnCount &+ index]
                    let range = Int(field.start)..<Int(field.end)
                    return !missing.isEmpty && missing.contains(bytes.extracting(range)) ? 0..<0 : range
                })
            self.keys = keys
        case .multivalued:
            for row in rows {
                let text = bytes.extracting(block.range(row, index))
                if !missing.contains(text) { appendValues(of: text) }
                column.endList()
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
            if id > 0 { column.append(id: id) }
            start = end + max(1, separator.count)
        }
    }

    private func valueCount(_ text: Span<UInt8>) -> Int {
        var count = 0
        var start = 0
        while start <= text.count {
            count += 1
            start = separatorStart(in: text, from: start) + max(1, separator.count)
        }
        return count
    }

    /// Where the next separator stands, at or after `start`; the text's end if there is none.
    private func separatorStart(in text: Span<UInt8>, from start: Int) -> Int {
        if separator.isEmpty { return text.count }
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
