/// A column that is passed over: how much of each batch is its.
struct SkippedColumn {
    /// Its own node and those of what is in it.
    private(set) var nodeCount = 0
    /// Their buffers, but for the data of views.
    private(set) var bufferCount = 0
    /// How many views are in it: each has a number of data buffers that its batch tells.
    private(set) var viewCount = 0
    /// The ids under which dictionaries for it arrive.
    private(set) var dictionaryIDs: Set<Int64> = []

    private static let maximumDepth = 64

    init(_ field: FlatBufferTable, column: String) throws(FormatFault) {
        try add(field, column, depth: 0, isInDictionary: false)
    }

    /// Counts what a field takes in a batch; a dictionary's values take nothing there, but may need dictionaries, too.
    ///
    /// Source: Arrow's columnar format 1.5, "Buffer Listing for Each Layout".
    private mutating func add(
        _ field: FlatBufferTable, _ column: String, depth: Int, isInDictionary: Bool
    ) throws(FormatFault) {
        guard depth <= Self.maximumDepth else { throw FormatFault("column `\(column)` nests too deep") }
        var isInDictionary = isInDictionary
        if let encoding = try field.table(FieldField.dictionary) {
            dictionaryIDs.insert(try encoding.integer(0, default: Int64(0)))
            if !isInDictionary { add(bufferCount: 2) }
            isInDictionary = true
        }
        if !isInDictionary {
            let kind = try field.integer(FieldField.typeKind, default: UInt8(0))
            switch kind {
            case TypeKind.null, TypeKind.runEndEncoded: add(bufferCount: 0)
            case TypeKind.structure, TypeKind.fixedSizeList: add(bufferCount: 1)
            case TypeKind.int, TypeKind.floatingPoint, TypeKind.bool, TypeKind.decimal, TypeKind.date, TypeKind.time,
                TypeKind.timestamp, TypeKind.interval, TypeKind.fixedSizeBinary, TypeKind.duration, TypeKind.list,
                TypeKind.largeList, TypeKind.map:
                add(bufferCount: 2)
            case TypeKind.binary, TypeKind.utf8, TypeKind.largeBinary, TypeKind.largeUTF8, TypeKind.listView,
                TypeKind.largeListView:
                add(bufferCount: 3)
            case TypeKind.binaryView, TypeKind.utf8View:
                add(bufferCount: 2)
                viewCount += 1
            default:
                // Also unions: how many buffers they have depends on the metadata's version.
                throw FormatFault(
                    "column `\(column)` has the type \(TypeKind.name(of: kind)), which cannot be passed over")
            }
        }
        for child in try field.tables(FieldField.children) {
            try add(child, column, depth: depth + 1, isInDictionary: isInDictionary)
        }
    }

    private mutating func add(bufferCount count: Int) {
        nodeCount += 1
        bufferCount += count
    }
}
