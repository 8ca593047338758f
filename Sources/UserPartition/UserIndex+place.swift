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
        var range = 0..<count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if (buckets[middle], users[middle]) < (bucket, user) {
                range = (middle + 1)..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        let place = range.lowerBound
        return place < count && buckets[place] == bucket && users[place] == user ? place : nil
    }
}
