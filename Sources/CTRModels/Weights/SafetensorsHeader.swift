import OrderedJSON

/// The JSON header of a safetensors file, checked against the file's size.
struct SafetensorsHeader {
    /// The entries of `__metadata__`.
    let metadata: [String: String]
    /// The tensors in the order of their data, which they fill without gap or overlap.
    let tensors: [SafetensorsTensor]

    /// Reads the header of a file whose data lies from `dataStart` to `end`.
    init(_ json: [UInt8], dataStart: Int, end: Int) throws(ModelError) {
        let entries: [Entry]
        do throws(JSONError) {
            (metadata, entries) = try Self.entries(json)
        } catch {
            throw ModelError(.file, error, in: "the header")
        }
        var tensors: [SafetensorsTensor] = []
        tensors.reserveCapacity(entries.count)
        for entry in entries { tensors.append(try Self.tensor(entry, dataStart: dataStart, end: end)) }
        tensors.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
        var place = dataStart
        for tensor in tensors {
            guard tensor.bytes.lowerBound == place else {
                throw ModelError(.file, "tensor '\(tensor.name)' does not start where the one before it ends")
            }
            place = tensor.bytes.upperBound
        }
        guard place == end else {
            throw ModelError(.file, "the tensors end at byte \(place), the file at byte \(end)")
        }
        self.tensors = tensors
    }

    /// What the header says of one tensor.
    private struct Entry {
        var name: String
        var type: String
        var shape: [Int]
        var offsets: [Int]
    }

    /// One entry a tensor, in the header's order, each name once.
    private static func entries(_ json: [UInt8]) throws(JSONError) -> ([String: String], [Entry]) {
        var metadata: [String: String] = [:]
        var entries: [Entry] = []
        for (name, node) in try JSONNode(try JSONValue(utf8: json[...]), path: "header").members() {
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
        return (metadata, entries)
    }

    private static func tensor(_ entry: Entry, dataStart: Int, end: Int) throws(ModelError) -> SafetensorsTensor {
        let (name, typeName) = (entry.name, entry.type)
        // Elements of another type may be of any number of bits.
        let byteCount = SafetensorsTensor.ElementType(rawValue: typeName)?.byteCount
        var size = byteCount ?? 1
        for length in entry.shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflow else {
                throw ModelError(.tensor, "tensor '\(name)' has an impossible shape")
            }
            size = product
        }
        guard entry.offsets.count == 2 else { throw ModelError(.file, "tensor '\(name)' needs two data offsets") }
        let (from, to) = (entry.offsets[0], entry.offsets[1])
        guard 0 <= from, from <= to, to <= end - dataStart else {
            throw ModelError(.file, "tensor '\(name)' lies outside the file's data")
        }
        guard byteCount == nil || to - from == size else {
            throw ModelError(
                .tensor,
                "tensor '\(name)' has \(to - from) bytes; its shape \(entry.shape) of \(typeName) needs \(size)")
        }
        return SafetensorsTensor(
            name: name, typeName: typeName, shape: entry.shape, count: size / (byteCount ?? 1),
            bytes: dataStart + from..<dataStart + to)
    }
}
