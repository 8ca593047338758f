// Field numbers and values from Arrow's `format/Message.fbs` and `format/Schema.fbs` (columnar format 1.5), which reader
// and writer share. A number that only one place needs stands there.

/// `MetadataVersion`, as counted in messages.
enum MetadataVersion {
    static let v4: Int16 = 3
    static let v5: Int16 = 4
}

/// The members of the union `MessageHeader`.
enum MessageKind {
    static let schema: UInt8 = 1
    static let dictionaryBatch: UInt8 = 2
    static let recordBatch: UInt8 = 3
}

/// The members of the union `Type`.
enum TypeKind {
    static let null: UInt8 = 1
    static let int: UInt8 = 2
    static let floatingPoint: UInt8 = 3
    static let binary: UInt8 = 4
    static let utf8: UInt8 = 5
    static let bool: UInt8 = 6
    static let decimal: UInt8 = 7
    static let date: UInt8 = 8
    static let time: UInt8 = 9
    static let timestamp: UInt8 = 10
    static let interval: UInt8 = 11
    static let list: UInt8 = 12
    static let structure: UInt8 = 13
    static let fixedSizeBinary: UInt8 = 15
    static let fixedSizeList: UInt8 = 16
    static let map: UInt8 = 17
    static let duration: UInt8 = 18
    static let largeBinary: UInt8 = 19
    static let largeUTF8: UInt8 = 20
    static let largeList: UInt8 = 21
    static let runEndEncoded: UInt8 = 22
    static let binaryView: UInt8 = 23
    static let utf8View: UInt8 = 24
    static let listView: UInt8 = 25
    static let largeListView: UInt8 = 26

    /// What the format calls each member, for errors.
    private static let names = [
        "none", "null", "int", "floating_point", "binary", "utf8", "bool", "decimal", "date", "time", "timestamp",
        "interval", "list", "struct", "union", "fixed_size_binary", "fixed_size_list", "map", "duration",
        "large_binary", "large_utf8", "large_list", "run_end_encoded", "binary_view", "utf8_view", "list_view",
        "large_list_view",
    ]

    static func name(of kind: UInt8) -> String {
        Int(kind) < names.count ? names[Int(kind)] : "number \(kind) of a newer format"
    }
}

/// The fields of the tables that both sides use.
enum MessageField {
    static let version = 0, headerKind = 1, header = 2, bodyLength = 3, metadata = 4
}

enum SchemaField {
    static let endianness = 0, fields = 1, metadata = 2
}

enum FieldField {
    static let name = 0, isNullable = 1, typeKind = 2, type = 3, dictionary = 4, children = 5, metadata = 6
}

enum RecordBatchField {
    static let length = 0, nodes = 1, buffers = 2, compression = 3, variadicCounts = 4
}
