import CTRModels

/// A model and a log from a seed, in the shape that the benchmarks use: Wide & Deep over an item and a category in 16 dimensions,
/// a perceptron of 32-64-32-1. What it learns means nothing; what it costs does.
struct SyntheticUser {
    let modelBytes: [UInt8]
    let log: UserLog

    /// A model with a table of so many items, and a log of so many samples.
    init(items: Int, samples: Int) throws(ExampleError) {
        let fields: [Architecture.Field] = [
            .init(name: "item", kind: .categorical, rows: items),
            .init(name: "category", kind: .categorical, rows: 200),
        ]
        modelBytes = CTRModel(
            architecture: Architecture(kind: .wideDeep, fields: fields, embeddingDimension: 16, hiddenSizes: [64, 32]),
            seed: 1
        ).safetensors()
        var random = SplitMix64(seed: 2)
        var csv = "label,item,category\n"
        for _ in 0..<samples {
            let item = Int.random(in: 1..<items, using: &random)
            csv += "\(Int.random(in: 0...1, using: &random)),\(item),\(1 + item % 199)\n"
        }
        log = try UserLog(csv: Array(csv.utf8), fields: fields)
    }
}
