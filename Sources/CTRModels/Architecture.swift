/// What a model is made of: its kind, its fields and its sizes. Everything but the weights.
public struct Architecture: Sendable, Hashable {
    /// The models, each by the paper that its file in `Models/` cites.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Logistic regression: a bias and one weight an id.
        case lr
        /// Factorization machine (Rendle 2010): pairwise inner products of embeddings beside the first-order terms.
        case fm
        /// Wide & Deep (Cheng et al. 2016): first-order terms beside a multilayer perceptron.
        case wideDeep = "wide-deep"
        /// DeepFM (Guo et al. 2017): a factorization machine and a multilayer perceptron over the same embeddings.
        case deepfm
        /// PNN with inner products (Qu et al. 2016): a multilayer perceptron over embeddings and their products.
        case pnn
        /// DCN v2 (Wang et al. 2021): a cross network beside a multilayer perceptron.
        case dcnV2 = "dcn-v2"
        /// DIN (Zhou et al. 2018): a user's history, weighed by an attention network for each item.
        case din
        /// DIEN (Zhou et al. 2019): a user's history read by two recurrent layers, the second led by attention.
        case dien
    }

    /// One feature as the model sees it.
    public struct Field: Sendable, Hashable {
        /// What one row of a field holds.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// One id.
            case categorical
            /// A list of ids, perhaps empty; its embeddings are pooled.
            case multivalued
            /// One number, which scales the field's single embedding.
            case dense
            /// The user's last positives, oldest first, as ids of another field: see `of`.
            case history
        }

        /// What becomes of a list's embeddings.
        public enum Pooling: String, Sendable, Hashable, CaseIterable {
            /// Their mean, over the known ids.
            case mean
            /// Their sum.
            case sum
        }

        /// The field's name, part of its tensors' names: `fields.<name>.embedding`. Not empty, unique in a model.
        public var name: String
        /// What one row holds.
        public var kind: Kind
        /// Rows of the embedding table, with row 0 for missing and unseen ids: largest id + 1. 0 for fields without
        /// one: dense fields and histories.
        public var rows: Int
        /// How lists are pooled; `mean` for fields of other kinds.
        public var pooling: Pooling
        /// Of a history: the categorical field whose ids it holds and whose table it reads. Otherwise nil.
        public var of: String?

        /// A field; `rows` is at least 1, or 0 for fields without a table.
        public init(name: String, kind: Kind, rows: Int, pooling: Pooling = .mean, of: String? = nil) {
            self.name = name
            self.kind = kind
            self.rows = rows
            self.pooling = pooling
            self.of = of
        }

        /// Whether the field has an embedding table of its own.
        public var hasTable: Bool { kind == .categorical || kind == .multivalued }
    }

    /// The function after each hidden linear layer.
    public enum Activation: String, Sendable, Hashable, CaseIterable {
        /// max(0, s).
        case relu
        /// s, or a·s below 0, with a learned a unit (He et al. 2015, arXiv 1502.01852).
        case prelu
        /// DIN's function, which goes from a·s to s where a unit's outputs lie (Zhou et al. 2018, section 5.3).
        case dice
    }

    /// Which model it is.
    public var kind: Kind
    /// The fields, in the order of an input's columns. At least one.
    public var fields: [Field]
    /// Numbers in one embedding; 0 for models without embeddings (`lr`).
    public var embeddingDimension: Int
    /// Widths of the hidden layers, first to last; may be empty, and is for models without layers (`lr`, `fm`).
    public var hiddenSizes: [Int]
    /// After each hidden layer, those of the attention network included.
    public var activation: Activation
    /// Share of each hidden layer's outputs that a training pass leaves out, 0 ≤ p < 1.
    public var dropout: Double
    /// Layers of the cross network (`dcn-v2`); 0 for other models.
    public var crossLayers: Int
    /// Widths of the attention network's hidden layers (`din`); empty for other models.
    public var attentionSizes: [Int]

    /// An architecture, not yet checked: see `validate()`.
    public init(
        kind: Kind, fields: [Field], embeddingDimension: Int = 0, hiddenSizes: [Int] = [],
        activation: Activation = .relu,
        dropout: Double = 0, crossLayers: Int = 0, attentionSizes: [Int] = []
    ) {
        self.kind = kind
        self.fields = fields
        self.embeddingDimension = embeddingDimension
        self.hiddenSizes = hiddenSizes
        self.activation = activation
        self.dropout = dropout
        self.crossLayers = crossLayers
        self.attentionSizes = attentionSizes
    }

    /// Multiplications and additions of one forward pass of one sample, each counted as one; a list counts as one id.
    ///
    /// - Parameter historyLength: positives in the sample's history; of no account to models without one.
    public func flopsPerSample(historyLength: Int = 0) -> Int {
        kind.network.flopsPerSample(self, historyLength: historyLength)
    }
}

extension Architecture {
    /// For each field the index of the table that it reads among `Parameters.tables`; nil for dense fields. A history
    /// reads the table of the field that it is of. The architecture is valid.
    public var tableIndexes: [Int?] {
        var owned: [String: Int] = [:]
        for field in fields where field.hasTable { owned[field.name] = owned.count }
        return fields.map { field in owned[field.of ?? field.name] }
    }

    /// Rows of each embedding table: of the fields with one, in order.
    var tableRows: [Int] {
        fields.filter(\.hasTable).map(\.rows)
    }

    /// The fields that give a model an embedding each, in order: all but histories.
    var embeddedFields: [Field] { fields.filter { $0.kind != .history } }

    /// The histories, in order; their lists are of one length in every sample.
    var histories: [Field] { fields.filter { $0.kind == .history } }
}
