import Synchronization

/// How far a study came with its models and cells.
public struct StudyProgress: Sendable, Hashable {
    /// All that are asked for.
    public var total = 0
    /// Those that stood there as they are to be.
    public var found = 0
    /// Those made by this study.
    public var made = 0
}

/// A study's progress, which its tasks share.
final class StudyCounter: Sendable {
    private let state = Mutex(StudyProgress())

    /// Notes how many are asked for.
    func begin(total: Int) { state.withLock { $0.total = total } }

    /// Notes that one more stands there.
    func advance(wasMade: Bool) -> StudyProgress {
        state.withLock { progress in
            if wasMade { progress.made += 1 } else { progress.found += 1 }
            return progress
        }
    }

    /// The progress so far.
    var progress: StudyProgress { state.withLock { $0 } }
}
