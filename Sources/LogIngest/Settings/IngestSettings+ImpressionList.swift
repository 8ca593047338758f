extension IngestSettings {
    /// A column that lists the items of an impression with their labels, as MIND's `N55689-1 N35729-0` does. Each pair
    /// becomes a sample; the samples of a row share its user, time, other columns and group.
    public struct ImpressionList: Sendable, Hashable {
        /// The log's column with the list. An empty field lists nothing.
        public var column: String
        /// Stands between two pairs of a text. Where the format has lists, each item of a list is a pair, too.
        public var separator: String
        /// Stands between an item and its label, 0 or 1. The last one in a pair counts, so items may hold it.
        public var mark: String
        /// Name of the column that the items make. The item role, categorical features and joins may name it as they
        /// name the log's own columns.
        public var item: String

        /// A list in `column`.
        public init(column: String, separator: String = " ", mark: String = "-", item: String = IngestSettings.itemName)
        {
            self.column = column
            self.separator = separator
            self.mark = mark
            self.item = item
        }
    }
}
