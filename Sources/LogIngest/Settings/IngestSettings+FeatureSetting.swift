public import Samples

extension IngestSettings {
    /// One feature: the column it comes from and how its values become ids or numbers.
    public struct FeatureSetting: Sendable, Hashable {
        /// The feature's name in the schema.
        public var name: String
        /// The column that holds it: of the log, or of the side table if there is a `join`.
        public var column: String
        /// The side table that holds it; nil if the log does.
        public var join: Join?
        /// What a row holds and how keys become ids.
        public var kind: Kind
        /// Texts that are read as if the field were empty, such as `(no genres listed)`. In a multi-valued field each
        /// value is compared, too. A dense field may be empty only if `""` is listed here; it is then 0.
        public var missing: [String]

        /// A feature.
        public init(name: String, column: String, join: Join? = nil, kind: Kind, missing: [String] = []) {
            self.name = name
            self.column = column
            self.join = join
            self.kind = kind
            self.missing = missing
        }

        /// What a row of a feature holds.
        public enum Kind: Sendable, Hashable {
            /// One key; an empty field is id 0.
            case categorical(SampleSchema.Encoding)
            /// Keys between `separator`s; empty ones are left out. At most 65,535 a row. An empty separator makes the
            /// whole field one key, which is of use where a join has many rows.
            case multivalued(separator: String, SampleSchema.Encoding)
            /// One finite number.
            case dense(DenseTransform = .identity)
        }

        /// A join: the side table's rows whose `key` equals the log row's `on`, byte for byte.
        public struct Join: Sendable, Hashable {
            /// The side table's source. It is read whole, before the log, and its used columns kept in memory.
            public var source: String
            /// The side table's key column.
            public var key: String
            /// The log's column with the key.
            public var on: String
            /// How many rows of the side table a key has.
            public var rows: Rows

            /// A join.
            public init(source: String, key: String, on: String, rows: Rows = .one) {
                self.source = source
                self.key = key
                self.on = on
                self.rows = rows
            }

            /// How many rows of the side table a key has.
            public enum Rows: String, Sendable, Hashable, CaseIterable {
                /// At most one; a key that stands twice is an error.
                case one
                /// Any number; a multi-valued feature takes the values of all, in the table's order. More than 1,048,576
                /// values of one key are refused, since each sample with the key brings them all.
                case many
            }
        }

        /// The feature as the sample stream's schema has it.
        var schemaFeature: SampleSchema.Feature {
            switch kind {
            case .categorical(let encoding):
                SampleSchema.Feature(name: name, kind: .categorical, encoding: encoding)
            case .multivalued(_, let encoding):
                SampleSchema.Feature(name: name, kind: .multivalued, encoding: encoding)
            case .dense:
                SampleSchema.Feature(name: name, kind: .dense, encoding: nil)
            }
        }
    }
}
