import Foundation

/// A log that is small enough for debug builds and has what matters: drifting users, single-class users, one-sample users,
/// equal times, missing genres.
enum SmallLog {
    static let pipeline = """
        name: small
        ingest:
          sources:
            ratings: {path: ratings.csv}
            movies: {path: movies.csv}
          log: ratings
          user: user
          time: time
          label: rating >= 4
          item: movie
          features:
            genres:
              join: {source: movies, key: movie, on: movie}
              kind: multivalued
              separator: "|"
              missing: ["(none)"]
        partition: {buckets: 3}
        train: {embedding_dimension: 4, hidden_sizes: [8], batch_size: 64, epochs: 3}
        finetune: {learning_rate: 0.1, batch_size: 8}
        seeds: [1, 2]

        """

    static let users = 40

    /// Users 0..<40: 0 has one sample, 1 only positives, 2 only negatives; the others 10 to 60 samples.
    static let ratings: String = {
        var random = Random(state: 11)
        var lines = ["user,movie,rating,time"]
        for user in 0..<users {
            let samples = user == 0 ? 1 : 10 + random.below(51)
            var time = 1_000_000 + random.below(1000)
            for _ in 0..<samples {
                let movie = random.below(30)
                let likes = random.below(100) < 20 + (user * 13 + movie * 7) % 70
                let rating = user == 1 ? 5 : user == 2 ? 1 : likes ? 4 : 2
                lines.append("\(user),\(movie),\(rating),\(time)")
                time += random.below(3)
            }
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }()

    static let movies: String = {
        var lines = ["movie,genres"]
        for movie in 0..<30 where movie != 7 {
            let genres = movie % 5 == 0 ? "(none)" : "g\(movie % 3)|g\(3 + movie % 4)"
            lines.append("\(movie),\(genres)")
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    /// A folder with the log and its pipeline file, `p.yaml`.
    static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(ratings, to: "ratings.csv")
        try folder.write(movies, to: "movies.csv")
        try folder.write(pipeline, to: "p.yaml")
        return folder
    }

    /// A gzip file of `text`, stored as it is, that ends before its end.
    static func cutGzip(_ text: String) -> Data {
        let bytes = Array(text.utf8)
        let length = [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)]
        // Header (RFC 1952), then one block of which others would follow (RFC 1951).
        return Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + [0] + length + length.map { ~$0 } + bytes)
    }

    private struct Random {
        var state: UInt64

        /// A number from 0 up to, not including, `bound` (a linear congruential generator's high bits).
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }
}
