import Samples

/// How a log lists impressions, ready to be applied to fields.
struct ImpressionPairs {
    /// Place of the list's column among the wanted columns of the log.
    let place: Int
    /// The columns of `ImpressionRows` that are a row's own and are read anew for each pair, one for each use.
    let repeatedColumns: [Int]
    private let column: String
    private let separator: [UInt8]
    /// What else stands between pairs: in formats that have lists, what stands between their items.
    private let listSeparator: UInt8?
    private let mark: [UInt8]
    private let example: String

    /// Nil if the log lists no impressions.
    init?(_ settings: IngestSettings, _ wanted: WantedColumns) {
        guard let list = settings.roles.label.list, let place = wanted.names.firstIndex(of: list.column) else {
            return nil
        }
        self.place = place
        column = list.column
        separator = Array(list.separator.utf8)
        listSeparator = settings.source(settings.log)?.format.listSeparator?.utf8.first
        mark = Array(list.mark.utf8)
        example = "N1\(list.mark)0\(list.separator)N2\(list.mark)1"
        repeatedColumns = ([wanted.user, wanted.time] + wanted.features + wanted.lookups).filter {
            $0 >= ImpressionRows.columnCount
        }
    }

    /// The pairs of a list one after another; none where it is empty.
    struct Pairs {
        fileprivate let separator: [UInt8]
        fileprivate let listSeparator: UInt8?
        /// What was not handed out yet; nil after the last pair.
        fileprivate var rest: Range<Int>?

        /// Where the next one stands in `bytes`.
        @inline(__always)
        mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
            guard let rest else { return nil }
            var end = rest.lowerBound
            while end < rest.upperBound {
                let length = separatorLength(at: end, before: rest.upperBound, in: bytes)
                if length > 0 {
                    self.rest = (end + length)..<rest.upperBound
                    return rest.lowerBound..<end
                }
                end += 1
            }
            self.rest = nil
            return rest
        }

        /// Bytes of the separator that stands at `place`; 0 if none does.
        @inline(__always)
        private func separatorLength(at place: Int, before end: Int, in bytes: Span<UInt8>) -> Int {
            if bytes[place] == listSeparator { return 1 }
            guard bytes[place] == separator[0], place + separator.count <= end,
                separator.count == 1
                    || bytes.extracting(place..<(place + separator.count)).isEqual(to: separator)
            else { return 0 }
            return separator.count
        }
    }

    /// The pairs of the list that stands there.
    func pairs(in range: Range<Int>) -> Pairs {
        Pairs(separator: separator, listSeparator: listSeparator, rest: range.isEmpty ? nil : range)
    }

    /// Where the item of a pair stands, and after it the mark and the label, 0 or 1; nil if they don't.
    @inline(__always)
    func item(of pair: Range<Int>, in bytes: Span<UInt8>) -> Range<Int>? {
        guard pair.count > mark.count + 1 else { return nil }
        let end = pair.upperBound - 1 - mark.count
        guard bytes[pair.upperBound - 1] | 1 == UInt8(ascii: "1"),
            bytes.extracting(end..<(pair.upperBound - 1)).isEqual(to: mark)
        else { return nil }
        return pair.lowerBound..<end
    }

    /// What is wrong with a list in which `pair` stands.
    func fault(_ pair: String) -> String {
        "\(FieldText.quoted(column.utf8)) must hold items with their labels, 0 or 1, as `\(example)`, holds \(pair)"
    }
}
