import Samples

extension UserIndex {
    /// The part of each sample of a user.
    func parts(of user: Int) -> [Part] {
        Array(repeating: .train, count: Int(trainSamples[user]))
            + Array(repeating: .validation, count: Int(validationSamples[user]))
            + Array(repeating: .test, count: Int(testSamples[user]))
    }

    /// Where a user of a bucket stands, by binary search.
    func place(of user: UserKey, in bucket: UInt32) -> Int? {
        guard user.kind == users.kind else { return nil }
        var key = KeyColumn(users.kind)
        key.append(user)
        let hash = UserHash.hash(user)
        func isBefore(_ place: Int) -> Bool {
            buckets[place] != bucket
                ? buckets[place] < bucket
                : users.standsBefore(place, hash: UserHash.hash(place, of: users), key, 0, hash: hash)
        }
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBefore(middle) ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        let place = range.lowerBound
        return place < count && buckets[place] == bucket && users.isEqual(place, to: key, 0) ? place : nil
    }
}
