/// A label rule, ready to be applied to fields. Where impressions are listed it looks at the labels of the list's pairs; of
/// clicks in another log it knows nothing.
struct LabelTest {
    private let rule: IngestSettings.LabelRule
    private let members: [[UInt8]]

    init(_ rule: IngestSettings.LabelRule) {
        self.rule = rule
        if case .membership(_, let values) = rule {
            members = values.map { Array($0.utf8) }
        } else {
            members = []
        }
    }

    private static let yes = Array("true".utf8)
    private static let no = Array("false".utf8)

    /// What a field must be to get a label.
    var expectation: String {
        switch rule {
        case .comparison: "a number"
        case .membership: "text"
        case .zeroOne, .pairs: "0 or 1"
        case .clicks: "a key"
        }
    }

    /// Whether the field holds the label itself.
    var isZeroOne: Bool {
        switch rule {
        case .zeroOne, .pairs: true
        case .comparison, .membership, .clicks: false
        }
    }

    /// The field's label; nil if it is not what it must be.
    @inline(__always)
    func label(_ text: Span<UInt8>) -> Float? {
        switch rule {
        case .comparison(_, let comparison, let bound):
            guard let number = Double(decimal: text) else { return nil }
            return comparison.holds(number, bound) ? 1 : 0
        case .membership:
            return members.contains { text.isEqual(to: $0) } ? 1 : 0
        case .zeroOne, .pairs:
            // As JSON writes them.
            if text.isEqual(to: Self.yes) { return 1 }
            if text.isEqual(to: Self.no) { return 0 }
            guard let number = Double(decimal: text), number == 0 || number == 1 else { return nil }
            return Float(number)
        case .clicks: return nil
        }
    }
}
