/// The ids of short keys: a hash table with open addressing that holds the keys themselves, so that a look-up touches one
/// place in memory.
struct ShortKeyTable {
    private struct Slot {
        var low: UInt64 = 0
        /// Never 0 where a key stands: it holds the key's length.
        var high: UInt32 = 0
        var id: UInt32 = 0
    }

    /// At most three quarters are taken.
    private var slots = [Slot](repeating: Slot(), count: 1024)
    private var count = 0
    private let seed: UInt64
    private let otherSeed: UInt64

    /// Without keys; `generator` makes the seeds.
    init(_ generator: inout some RandomNumberGenerator) {
        seed = generator.next()
        otherSeed = generator.next()
    }

    /// The id of `key` and where it stands; id 0 and where it belongs if it is not there.
    @inline(__always)
    func find(_ key: ShortKey) -> (id: UInt32, place: Int) { find(key, hash: hash(of: key)) }

    /// As `find(_:)`, where `hash` is that of `key`.
    @inline(__always)
    func find(_ key: ShortKey, hash: Int) -> (id: UInt32, place: Int) {
        let mask = slots.count &- 1
        var place = hash & mask
        while true {
            let slot = slots[place]
            if slot.high == 0 || (slot.low == key.low && slot.high == key.high) { return (slot.id, place) }
            place = (place &+ 1) & mask
        }
    }

    /// What decides where a key stands.
    @inline(__always)
    func hash(of key: ShortKey) -> Int { start(of: key.low, key.high) }

    /// Puts a key that is not there to where `find` says that it belongs.
    mutating func insert(_ key: ShortKey, id: UInt32, at place: Int) {
        slots[place] = Slot(low: key.low, high: key.high, id: id)
        count += 1
        if count * 4 > slots.count * 3 { grow() }
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        var larger = [Slot](repeating: Slot(), count: mask + 1)
        for slot in slots where slot.high != 0 {
            var place = start(of: slot.low, slot.high) & mask
            while larger[place].high != 0 { place = (place + 1) & mask }
            larger[place] = slot
        }
        slots = larger
    }

    /// A hash by one wide multiplication, as in wyhash (Wang Yi, public domain). The seeds keep logs from being made whose
    /// keys all collide.
    @inline(__always)
    private func start(of low: UInt64, _ high: UInt32) -> Int {
        let product = (low ^ seed).multipliedFullWidth(by: UInt64(high) ^ otherSeed)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}
