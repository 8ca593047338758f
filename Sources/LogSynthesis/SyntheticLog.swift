public import Samples

/// A log of clicks made from a seed, in chunks of CSV: header `user,item,category,time,click` and, if asked for,
/// `probability`.
///
/// Rows are in order of time and do not depend on how many follow, but for their times. Single-pass; memory does not depend
/// on rows, users or items.
public struct SyntheticLog: Sequence, IteratorProtocol {
    /// Some rows in order.
    public struct Chunk: Sendable {
        /// CSV; the log's first chunk begins with the header.
        public let bytes: [UInt8]
        /// Rows, without the header.
        public let rows: Int
        /// Rows with a click.
        public let clicks: Int
    }

    /// The Unix time of the first row, in seconds: 1 January 2024, 0:00 UTC.
    public static let startTime = 1_704_067_200

    static let chunkRows = 8192
    /// More than a header, or a row of two ids and a time of 10 digits each, a category, a click and a probability, takes.
    private static let mostRowBytes = 64

    /// The truth behind the log.
    public let population: SyntheticPopulation
    private var random: RandomStream
    private var intercepts: InterceptCache
    private var row = 0
    private var isHeaderDue = true

    /// The log of these settings. Throws `usage` for a setting out of its range.
    public init(_ settings: SynthesisSettings) throws(StageError) {
        self.init(try SyntheticPopulation(settings))
    }

    /// The log of a population.
    public init(_ population: SyntheticPopulation) {
        self.population = population
        random = RandomStream(seed: population.settings.seed, .rows)
        intercepts = InterceptCache(population)
    }

    /// The next rows; nil behind the last.
    public mutating func next() -> Chunk? {
        let rows = Swift.min(Self.chunkRows, population.settings.rows - row)
        guard rows > 0 || isHeaderDue else { return nil }
        var buffer = CSVBuffer(capacity: (rows + 1) * Self.mostRowBytes)
        if isHeaderDue {
            buffer.append("user,item,category,time,click")
            buffer.append(population.settings.withProbability ? ",probability\n" : "\n")
            isHeaderDue = false
        }
        var clicks = 0
        for _ in 0..<rows where appendRow(to: &buffer) { clicks &+= 1 }
        return Chunk(bytes: buffer.text(), rows: rows, clicks: clicks)
    }

    /// Writes one row and says whether it has a click.
    @inline(__always)
    private mutating func appendRow(to buffer: inout CSVBuffer) -> Bool {
        let user = population.user(ofActivityRank: population.activity.rank(random.nextUniform()) &+ 1)
        let item = population.item(ofPopularityRank: population.popularity.draw(&random))
        let category = population.category(ofItem: item)
        let probability = population.clickProbability(
            ofUser: user, intercept: intercepts.intercept(ofUser: user), item: item, category: category)
        let isClick = random.nextUniform() < probability
        buffer.append(user, then: UInt8(ascii: ","))
        buffer.append(item, then: UInt8(ascii: ","))
        buffer.append(category, then: UInt8(ascii: ","))
        buffer.append(time(ofRow: row), then: UInt8(ascii: ","))
        buffer.append(isClick ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        if population.settings.withProbability {
            let millionths = Int(probability * 1e6 + 0.5)
            buffer.append(UInt8(ascii: ","))
            buffer.append(millionths == 1_000_000 ? UInt8(ascii: "1") : UInt8(ascii: "0"))
            buffer.append(UInt8(ascii: "."))
            buffer.appendPadded(millionths, digits: 6)
        }
        buffer.append(UInt8(ascii: "\n"))
        row &+= 1
        return isClick
    }

    /// Rows are evenly spread over the log's days. The product stays below 10¹⁰ · 3.2·10⁸ < 2^63.
    @inline(__always)
    private func time(ofRow row: Int) -> Int {
        Self.startTime &+ row &* (population.settings.days &* 86400) / population.settings.rows
    }
}
