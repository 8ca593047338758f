public import Samples

/// What to read, where in it the parts of a sample stand, and how raw values become ids and numbers.
///
/// The settings alone decide `schema`: two runs with the same settings give streams of the same columns.
public struct IngestSettings: Sendable, Hashable {
    /// Everything that is read: the log itself, a log of clicks, and the side tables that features are joined from.
    public var sources: [Source]
    /// Name of the source that is the log; each of its rows becomes one sample, or as many as it lists impressions.
    public var log: String
    /// Which columns of the log hold user, time, label and item.
    public var roles: Roles
    /// The features, the item excepted, in column order.
    public var features: [FeatureSetting]
    /// Whether user keys are read as 64-bit integers or kept as text.
    public var userKind: KeyColumn.Kind
    /// Most rows a batch.
    public var batchRows: Int
    /// A vocabulary file of an earlier ingest, whose keys keep their ids while others are unseen; nil to number keys anew.
    public var vocabulary: String?
    /// How many rows may be bad.
    public var mostRejects: MostRejects
    /// Whether the rows before the damage are kept where a file is damaged or cut off.
    public var salvage: Bool
    /// What no log passes that is none.
    public var limits: Limits

    /// Settings; `validate` says whether they make sense.
    public init(
        sources: [Source], log: String, roles: Roles, features: [FeatureSetting] = [],
        userKind: KeyColumn.Kind = .integer, batchRows: Int = 4096, vocabulary: String? = nil,
        mostRejects: MostRejects = .rows(0), salvage: Bool = false,
        limits: Limits = Limits()
    ) {
        self.sources = sources
        self.log = log
        self.roles = roles
        self.features = features
        self.userKind = userKind
        self.batchRows = batchRows
        self.vocabulary = vocabulary
        self.mostRejects = mostRejects
        self.salvage = salvage
        self.limits = limits
    }

    /// The columns of the sample stream: the item, if there is one, then `features` in their order. Samples have groups if
    /// they come from impression lists.
    public var schema: SampleSchema {
        SampleSchema(
            userKind: userKind, features: allFeatures.map(\.schemaFeature), item: itemColumn == nil ? nil : 0,
            hasGroups: roles.label.list != nil)
    }

    /// The column of the item's key: the one that the roles name, else the impression list's, if there is one.
    var itemColumn: String? { roles.item ?? roles.label.list?.item }

    /// `features` with the item, under the name `item`, before them.
    var allFeatures: [FeatureSetting] {
        guard let item = itemColumn else { return features }
        return [FeatureSetting(name: Self.itemName, column: item, kind: .categorical(.dictionary))] + features
    }

    /// The source called `name`.
    func source(_ name: String) -> Source? { sources.first { $0.name == name } }

    /// Name of the feature that the item role makes.
    public static let itemName = "item"
}
