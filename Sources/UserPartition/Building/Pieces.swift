import Samples

/// How the range of hashes is cut: into buckets, one file each, and each bucket into pieces, which are sorted one by one.
///
/// Pieces only keep small what is sorted at once; where they lie does not show in the store.
struct Pieces: Sendable {
    /// Number of buckets.
    let buckets: Int
    /// Pieces a bucket.
    let perBucket: Int

    /// Aims for 256 pieces in all: at some ten million rows each fits a processor's caches, and few enough that a spill
    /// file's piece is read in one go.
    init(buckets: Int) {
        self.buckets = buckets
        perBucket = max(1, 256 / buckets)
    }

    /// Number of pieces.
    var count: Int { buckets * perBucket }

    /// The pieces of a bucket. Slices of slices: the piece of a hash lies in the hash's bucket.
    func ofBucket(_ bucket: Int) -> Range<Int> { bucket * perBucket..<(bucket + 1) * perBucket }
}
