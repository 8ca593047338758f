/// What the columns of a sample stream are: the kind of user key, the features and which of them is the item.
public struct SampleSchema: Sendable, Hashable {
    /// Whether user keys are integers or text.
    public var userKind: KeyColumn.Kind
    /// The features, in column order.
    public var features: [Feature]
    /// Index in `features` of the item (a single categorical feature); nil where the log has none.
    public var item: Int?
    /// Whether each sample belongs to an impression list.
    public var hasGroups: Bool

    /// A schema; `item`, if given, indexes a categorical feature.
    public init(userKind: KeyColumn.Kind, features: [Feature], item: Int?, hasGroups: Bool = false) {
        precondition(item.map { features.indices.contains($0) && features[$0].kind == .categorical } ?? true)
        self.userKind = userKind
        self.features = features
        self.item = item
        self.hasGroups = hasGroups
    }

    /// One feature of a sample.
    public struct Feature: Sendable, Hashable {
        /// The feature's name: its column in Arrow files, its field in models.
        public var name: String
        /// What a row holds.
        public var kind: Kind
        /// How raw keys became ids; nil for dense features.
        public var encoding: Encoding?

        /// A feature; `encoding` is nil exactly for dense ones.
        public init(name: String, kind: Kind, encoding: Encoding?) {
            precondition((kind == .dense) == (encoding == nil))
            self.name = name
            self.kind = kind
            self.encoding = encoding
        }
    }

    /// What one row of a feature holds.
    public enum Kind: String, Sendable, Hashable {
        /// One id.
        case categorical
        /// A list of ids, perhaps empty.
        case multivalued
        /// One number.
        case dense
    }

    /// How raw keys became ids. Id 0 is always "missing or unseen".
    public enum Encoding: Sendable, Hashable {
        /// Ids 1, 2, … in order of first appearance, kept in a vocabulary.
        case dictionary
        /// Ids 1...size by a hash of the key.
        case hash(size: Int)
    }
}
