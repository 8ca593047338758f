import Samples

extension SampleSchema {
    /// Bytes of a row without the text and the lists in it.
    var fixedRowBytes: Int { (userKind == .integer ? 8 : 4) + 8 + 4 + (hasGroups ? 8 : 0) + features.count * 4 }

    /// Whether all rows take the same number of bytes.
    var hasFixedRows: Bool { userKind == .integer && features.allSatisfy { $0.kind != .multivalued } }
}

extension SampleBatch {
    /// A batch without rows whose columns, but for the content of text and lists, have room for `rows` of them.
    init(_ schema: SampleSchema, reserving rows: Int, partitioned: Bool = false) {
        func room<Value>() -> [Value] {
            var values: [Value] = []
            values.reserveCapacity(rows)
            return values
        }
        self.init(
            schema, users: schema.userKind == .integer ? .integers(room()) : KeyColumn(.text), times: room(),
            labels: room(), parts: partitioned ? room() : nil, groups: schema.hasGroups ? room() : nil,
            features: schema.features.map { feature in
                switch feature.kind {
                case .categorical: .categorical(room())
                case .multivalued: FeatureColumn(.multivalued)
                case .dense: .dense(room())
                }
            })
    }

    /// Bytes of some rows, text and lists included, parts excluded: as a batch of a store is measured.
    func rowBytes(_ range: Range<Int>) -> Int {
        var bytes = schema.fixedRowBytes * range.count
        if case .text(let keys) = users {
            bytes += Int(keys.offsets[range.upperBound] - keys.offsets[range.lowerBound])
        }
        for case .multivalued(let lists) in features {
            bytes += Int(lists.offsets[range.upperBound] - lists.offsets[range.lowerBound]) * 4
        }
        return bytes
    }
}
