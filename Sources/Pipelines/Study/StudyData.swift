import Evaluation
import LabelCorrection
import LocalStages
import UserPartition

/// A data set whose store stands.
struct StudyData: Sendable {
    let dataSet: Study.DataSet
    let store: PartitionStore
    let ctr: CTRReport
    /// As the pipeline says it.
    let split: String

    /// How the users drift whom the cloud may see.
    var drift: StudyDrift {
        guard case .users(let tally, _) = ctr.origin else { return StudyDrift(globalCTR: ctr.globalCTR.value, []) }
        return StudyDrift(
            globalCTR: ctr.globalCTR.value,
            tally.rows.map { row in
                StudyDrift.Row(
                    samples: row.counts.samples, positives: row.counts.positives, users: row.users)
            })
    }
}
