import Samples

extension SampleSchema {
    /// Bytes of a row without the text and the lists in it.
    var fixedRowBytes: Int { (userKind == .integer ? 8 : 4) + 8 + 4 + (hasGroups ? 8 : 0) + features.count * 4 }
}

extension SampleBatch {
    /// A batch without rows whose columns, but for the content of text and lists, have room for `rows` of them.
    init(_ schema: SampleSchema, reserving rows: Int) {
        func room<Value>() -> [Value] {
            var values: [Value] = []
            values.reserveCapacity(rows)
            return values
        }
        self.init(
            schema, users: schema.userKind == .integer ? .integers(room()) : KeyColumn(.text), times: room(),
            labels: room(), groups: schema.hasGroups ? room() : nil,
            features: schema.features.map { feature in
                switch feature.kind {
                case .categorical: .categorical(room())
                case .multivalued: FeatureColumn(.multivalued)
                case .dense: .dense(room())
                }
            })
    }
}
