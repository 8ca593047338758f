import Samples

extension SortedBucket {
    /// A batch to be: places in `order`, and the users they belong to.
    struct Slice {
        var places: Range<Int>
        var users: Range<Int>
        /// Whether the last user's rows go on in the next slice.
        var continuesUser: Bool
    }

    /// Most rows and bytes in a batch of a store. Whole users share a batch; a user beyond either limit has batches of
    /// its own, and only a single row beyond the bytes makes a larger one. Part of what makes stores byte-identical.
    static let mostRows = 8192
    static let mostBytes = 4 << 20

    /// Where the bucket is cut into batches.
    var slices: [Slice] {
        var slices: [Slice] = []
        var start = (place: 0, user: 0)
        var bytes = 0
        func close(before place: Int, user: Int, continuesUser: Bool) {
            guard place > start.place else { return }
            slices.append(
                Slice(
                    places: start.place..<place, users: start.user..<(continuesUser ? user + 1 : user),
                    continuesUser: continuesUser))
            start = (place, user)
            bytes = 0
        }
        for (index, user) in users.enumerated() {
            let size = user.rows.reduce(0) { $0 + rowBytes(order[$1]) }
            if user.rows.upperBound - start.place > Self.mostRows || bytes + size > Self.mostBytes {
                close(before: user.rows.lowerBound, user: index, continuesUser: false)
            }
            guard user.rows.count > Self.mostRows || size > Self.mostBytes else {
                bytes += size
                continue
            }
            for place in user.rows {
                let size = rowBytes(order[place])
                if place - start.place == Self.mostRows || bytes + size > Self.mostBytes {
                    close(before: place, user: index, continuesUser: true)
                }
                bytes += size
            }
            close(before: user.rows.upperBound, user: index + 1, continuesUser: false)
        }
        close(before: order.count, user: users.count, continuesUser: false)
        return slices
    }

    /// The rows of a slice, with their parts.
    func batch(_ slice: Slice) -> SampleBatch {
        var batch = rows.gathering(Array(order[slice.places]))
        batch.parts = parts(slice.places, users: slice.users)
        batch.continuesUser = slice.continuesUser
        return batch
    }

    private func rowBytes(_ row: Int) -> Int {
        var bytes = rows.schema.fixedRowBytes
        if case .text(let keys) = rows.users { bytes += Int(keys.offsets[row + 1] - keys.offsets[row]) }
        for case .multivalued(let lists) in rows.features {
            bytes += Int(lists.offsets[row + 1] - lists.offsets[row]) * 4
        }
        return bytes
    }
}
