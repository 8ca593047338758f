/// The places of ids in a list, by a hash of the id: each class of ids is one slice's work, whatever list it stands in.
struct IDClasses: Sendable {
    /// Number of classes.
    static let count = 8

    private var places: [Int32] = []
    /// Class `c` is `places[starts[c]..<starts[c + 1]]`.
    private var starts = [Int](repeating: 0, count: Self.count + 1)

    /// The class of an id. Not by the bits that tables of touched ids are addressed by, or a class would crowd in one
    /// corner.
    @inline(__always)
    private static func index(of id: UInt32) -> Int { Int((id &* 0x85EB_CA6B) &>> 29) }

    /// Sorts the places of `ids` by class, each class in the list's order.
    mutating func sort(_ ids: ArraySlice<UInt32>) {
        if places.count < ids.count { places = [Int32](repeating: 0, count: max(ids.count, 2 * places.count)) }
        for index in starts.indices { starts[index] = 0 }
        for id in ids { starts[Self.index(of: id) + 1] += 1 }
        for index in 0..<Self.count { starts[index + 1] += starts[index] }
        var ends = starts
        for (place, id) in ids.enumerated() {
            let index = Self.index(of: id)
            places[ends[index]] = Int32(truncatingIfNeeded: place)
            ends[index] += 1
        }
    }

    /// The places of one class's ids.
    subscript(index: Int) -> ArraySlice<Int32> { places[starts[index]..<starts[index + 1]] }
}
