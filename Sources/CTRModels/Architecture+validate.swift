extension Architecture {
    // Bounds that, with that of all parameters together, keep every product of sizes far from overflow on 64-bit
    // machines; no real model comes near them.
    private static let largestCount = 4096
    private static let largestSize = 65536
    private static let largestRows = Int(Int32.max)

    /// Throws unless a model can be built: names present and unique, sizes in range and meant for this kind of model,
    /// and no more than 2⁴⁰ parameters in all.
    public func validate() throws(ModelError) {
        try validateFields()
        try validateHistories()
        let uses = kind.uses
        let sizes = 1...Self.largestSize
        try require(
            uses.contains(.embeddings) ? sizes.contains(embeddingDimension) : embeddingDimension == 0,
            uses.contains(.embeddings)
                ? "the embedding dimension must be 1 to \(Self.largestSize)"
                : "\(kind.rawValue) has no embeddings: its embedding dimension is 0")
        try validate(hiddenSizes, "hidden", isUsed: uses.contains(.hiddenLayers))
        try validate(attentionSizes, "attention", isUsed: uses.contains(.attentionLayers))
        try require(
            uses.contains(.hiddenLayers) || activation == .relu,
            "\(kind.rawValue) has no layers to put \(activation) after")
        try require(dropout >= 0 && dropout < 1, "dropout must be at least 0 and below 1")
        try require(
            uses.contains(.hiddenLayers) || dropout == 0,
            "\(kind.rawValue) has no hidden layers to leave outputs out of")
        try require(
            uses.contains(.crossLayers) ? (1...Self.largestCount).contains(crossLayers) : crossLayers == 0,
            uses.contains(.crossLayers)
                ? "\(kind.rawValue) has 1 to \(Self.largestCount) cross layers" : "\(kind.rawValue) has no cross layers"
        )
        try require(
            parameterBound <= Self.mostParameters, "a model has at most 2⁴⁰ parameters, and this one would have more")
    }

    private func validateFields() throws(ModelError) {
        try require(!embeddedFields.isEmpty, "a model needs at least one field")
        try require(fields.count <= Self.largestCount, "a model has at most \(Self.largestCount) fields")
        var names = Set<String>()
        for field in fields {
            try require(!field.name.isEmpty, "a field needs a name")
            try require(names.insert(field.name).inserted, "two fields are named '\(field.name)'")
            let rows = field.hasTable ? 1...Self.largestRows : 0...0
            try require(
                rows.contains(field.rows),
                "field '\(field.name)' has \(field.rows) rows; \(field.kind.rawValue) fields have "
                    + (field.hasTable ? "1 to \(Self.largestRows)" : "0"))
            try require(
                field.kind == .multivalued || field.pooling == .mean,
                "field '\(field.name)' has nothing to pool: \(field.kind.rawValue) fields hold no list of their own")
        }
    }

    private func validateHistories() throws(ModelError) {
        try require(
            kind.uses.contains(.history) == !histories.isEmpty,
            kind.uses.contains(.history)
                ? "\(kind.rawValue) reads a history: it needs a field of kind history"
                : "\(kind.rawValue) reads no history; as a feature of its own a list of ids is multivalued")
        let kinds = Dictionary(fields.map { ($0.name, $0.kind) }) { first, _ in first }
        for field in fields {
            let owner = field.of.flatMap { kinds[$0] }
            try require(
                field.kind == .history ? owner == .categorical : field.of == nil,
                field.kind == .history
                    ? "field '\(field.name)' must be the history of a categorical field"
                    : "field '\(field.name)' is \(field.kind.rawValue), so it is of no other field")
        }
    }

    private func validate(_ sizes: [Int], _ name: String, isUsed: Bool) throws(ModelError) {
        try require(isUsed || sizes.isEmpty, "\(kind.rawValue) has no \(name) layers")
        try require(sizes.count <= Self.largestCount, "a model has at most \(Self.largestCount) \(name) layers")
        try require(
            sizes.allSatisfy((1...Self.largestSize).contains), "\(name) sizes must be 1 to \(Self.largestSize)")
    }

    private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(ModelError) {
        if !condition { throw ModelError(.architecture, message()) }
    }
}

extension Architecture.Kind {
    /// Parts that some models have and others do not.
    public struct Parts: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: Int

        /// Parts by their bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Embeddings: `embeddingDimension` is at least 1.
        public static let embeddings = Parts(rawValue: 1)
        /// A multilayer perceptron: `hiddenSizes`, `activation` and `dropout` count.
        public static let hiddenLayers = Parts(rawValue: 2)
        /// A cross network: `crossLayers` counts.
        public static let crossLayers = Parts(rawValue: 4)
        /// A network that weighs a history's positives: `attentionSizes` counts.
        public static let attentionLayers = Parts(rawValue: 8)
        /// The user's history: fields of kind `history`.
        public static let history = Parts(rawValue: 16)
    }

    /// What a model of this kind has.
    public var uses: Parts {
        switch self {
        case .lr: []
        case .fm: [.embeddings]
        case .wideDeep, .deepfm, .pnn: [.embeddings, .hiddenLayers]
        case .dcnV2: [.embeddings, .hiddenLayers, .crossLayers]
        case .din: [.embeddings, .hiddenLayers, .attentionLayers, .history]
        case .dien: [.embeddings, .hiddenLayers, .history]
        }
    }
}
