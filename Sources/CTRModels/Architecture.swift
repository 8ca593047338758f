/// What a model is made of: its kind, its fields and its sizes. Everything but the weights.
public struct Architecture: Sendable, Hashable {
    /// The models, each by the paper that its file in `Models/` cites.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Logistic regression: a bias and one weight an id.
        case lr
        /// DeepFM (Guo et al. 2017): a factorization machine and a multilayer perceptron over the same embeddings.
        case deepfm
    }

    /// One feature as the model sees it.
    public struct Field: Sendable, Hashable {
        /// What one row of a field holds.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// One id.
            case categorical
            /// A list of ids, perhaps empty; its embeddings are averaged.
            case multivalued
            /// One number, which scales the field's single embedding.
            case dense
        }

        /// The field's name, part of its tensors' names: `fields.<name>.embedding`. Not empty, unique in a model.
        public var name: String
        /// What one row holds.
        public var kind: Kind
        /// Rows of the embedding table, with row 0 for missing and unseen ids: largest id + 1. 0 for dense fields.
        public var rows: Int

        /// A field; `rows` is at least 1, or 0 for dense fields.
        public init(name: String, kind: Kind, rows: Int) {
            self.name = name
            self.kind = kind
            self.rows = rows
        }
    }

    /// Which model it is.
    public var kind: Kind
    /// The fields, in the order of an input's columns. At least one.
    public var fields: [Field]
    /// Numbers in one embedding; 0 for models without embeddings (`lr`).
    public var embeddingDimension: Int
    /// Widths of the hidden layers, first to last; may be empty, and is for models without layers (`lr`).
    public var hiddenSizes: [Int]

    /// An architecture, not yet checked: see `validate()`.
    public init(kind: Kind, fields: [Field], embeddingDimension: Int = 0, hiddenSizes: [Int] = []) {
        self.kind = kind
        self.fields = fields
        self.embeddingDimension = embeddingDimension
        self.hiddenSizes = hiddenSizes
    }

    /// Multiplications and additions of one forward pass of one sample, each counted as one; a list counts as one id.
    public var flopsPerSample: Int { kind.network.flopsPerSample(self) }

    /// Throws unless a model can be built: names present and unique, sizes in range and meant for this kind of model.
    public func validate() throws(ModelError) {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(ModelError) {
            if !condition { throw ModelError(.architecture, message()) }
        }
        try require(!fields.isEmpty, "a model needs at least one field")
        try require(fields.count <= Self.largestCount, "a model has at most \(Self.largestCount) fields")
        var names = Set<String>()
        for field in fields {
            try require(!field.name.isEmpty, "a field needs a name")
            try require(names.insert(field.name).inserted, "two fields are named '\(field.name)'")
            let rows = field.kind == .dense ? 0...0 : 1...Self.largestRows
            try require(
                rows.contains(field.rows),
                "field '\(field.name)' has \(field.rows) rows; \(field.kind.rawValue) fields have "
                    + (field.kind == .dense ? "0" : "1 to \(Self.largestRows)"))
        }
        switch kind {
        case .lr:
            try require(embeddingDimension == 0, "lr has no embeddings: its embedding dimension is 0")
            try require(hiddenSizes.isEmpty, "lr has no hidden layers")
        case .deepfm:
            let range = 1...Self.largestSize
            try require(range.contains(embeddingDimension), "the embedding dimension must be 1 to \(Self.largestSize)")
            try require(
                hiddenSizes.count <= Self.largestCount, "a model has at most \(Self.largestCount) hidden layers")
            try require(hiddenSizes.allSatisfy(range.contains), "hidden sizes must be 1 to \(Self.largestSize)")
        }
    }

    // Bounds that keep every product of sizes far from overflow on 64-bit machines; no real model comes near them.
    private static let largestCount = 4096
    private static let largestSize = 65536
    private static let largestRows = Int(Int32.max)
}
