public import LabelCorrection
public import Samples

/// What each user's device would send, in the order of the users: a simulated fleet.
///
/// A batch of reports for each batch of samples. Users without train samples send, too.
public struct DeviceReportSequence<Base, Generator>: AsyncSequence, Sendable
where Base: AsyncSequence<SampleBatch, StageError> & Sendable, Generator: RandomNumberGenerator & Sendable {
    /// The one failure type of all streams.
    public typealias Failure = StageError

    let base: WholeUserSequence<Base>
    let privacy: DevicePrivacy
    let generator: Generator

    /// An iterator over the base's batches, users joined. Each starts with the same generator.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), privacy: privacy, generator: generator)
    }

    /// Single-pass.
    public struct Iterator: AsyncIteratorProtocol {
        var base: WholeUserSequence<Base>.Iterator
        let privacy: DevicePrivacy
        var generator: Generator

        /// The reports of the next batch's users.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StageError) -> [DeviceReport]? {
            if Task.isCancelled { throw .cancelled }
            guard let batch = try await base.next(isolation: actor) else { return nil }
            guard let parts = batch.parts else { throw .notPartitioned(stage: "ctr device") }
            var reports: [DeviceReport] = []
            for rows in batch.userRanges {
                let train = try rows.trainRows(parts, user: batch.users[rows.lowerBound])
                reports.append(DeviceReport(trainLabels: batch.labels[train], privacy: privacy, using: &generator))
            }
            return reports
        }
    }
}

@available(*, unavailable)
extension DeviceReportSequence.Iterator: Sendable {}

extension AsyncSequence where Self: Sendable, Element == SampleBatch, Failure == StageError {
    /// Makes each user's device report. Wants a partitioned stream; holds the largest user's rows.
    ///
    /// - Parameter generator: what noise is drawn from; another than the system's is for tests.
    public func deviceReports<Generator: RandomNumberGenerator & Sendable>(
        _ privacy: DevicePrivacy, using generator: Generator
    ) -> DeviceReportSequence<Self, Generator> {
        DeviceReportSequence(base: joiningUsers(), privacy: privacy, generator: generator)
    }
}
