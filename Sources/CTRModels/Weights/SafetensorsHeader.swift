import OrderedJSON

/// The JSON header of a safetensors file as it is written, before its numbers are believed.
struct SafetensorsHeader {
    /// What the header says of one tensor.
    struct Entry {
        var name: String
        var type: String
        var shape: [Int]
        var offsets: [Int]
    }

    /// The entries of `__metadata__`.
    private(set) var metadata: [String: String] = [:]
    /// One entry a tensor, in the header's order, each name once.
    private(set) var entries: [Entry] = []

    init(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
        for (name, node) in try JSONNode(try JSONValue(utf8: bytes), path: "header").members() {
            if name == "__metadata__" {
                for (key, text) in try node.members() { metadata[key] = try text.string() }
            } else {
                try node.requireKeys(among: ["dtype", "shape", "data_offsets"])
                entries.append(
                    Entry(
                        name: name, type: try node.member("dtype").string(),
                        shape: try node.member("shape").integers(),
                        offsets: try node.member("data_offsets").integers()))
            }
        }
    }
}
