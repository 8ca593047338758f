extension IngestSettings {
    /// Which columns of the log hold what every sample has.
    public struct Roles: Sendable, Hashable {
        /// Column of the user's key.
        public var user: String
        /// Column and format of the time.
        public var time: Time
        /// How samples get their label.
        public var label: LabelRule
        /// Column of the item's key; it becomes the categorical feature `item`, first in the schema, by dictionary. Nil
        /// where there is none, or where it is the one that an impression list makes.
        public var item: String?

        /// Roles; `time` is the time's column and format.
        public init(user: String, time: Time, label: LabelRule, item: String? = nil) {
            self.user = user
            self.time = time
            self.label = label
            self.item = item
        }
    }
}
