import CTRModels
import Samples
import UserPartition

extension CTRModel {
    /// Zeroes the embedding rows of ids that no train sample holds, so that they score exactly as id 0, "unseen", and not
    /// by the random numbers that they started with.
    mutating func clearUnseen(_ counts: [TrainCounts]) throws(StageError) {
        var table = 0
        for field in architecture.fields where field.kind != .dense {
            guard let seen = counts.first(where: { $0.feature == field.name }) else {
                throw StageError(.data, "the store has no train counts of `\(field.name)`")
            }
            let width = parameters.tables[table].width
            for id in 0..<field.rows where !seen.isKnown(UInt32(id)) {
                for index in id * width..<(id + 1) * width { parameters.tables[table].values[index] = 0 }
            }
            table += 1
        }
    }
}
