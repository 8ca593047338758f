import Evaluation
import LogIngest

extension IngestReport.Progress {
    /// `1234567 rows, 3.1 M/s; 12 of 40 MiB, 30%; 4 s left`, as far as that is known.
    func line(after time: Duration) -> String {
        let seconds = max(0.001, time / .seconds(1))
        let rate = Double(rowsRead) / seconds
        let perSecond =
            rate >= 1e6
            ? "\(FixedPoint.text(rate / 1e6, decimals: 1)) M/s" : "\(FixedPoint.text(rate / 1e3, decimals: 1)) k/s"
        guard let total = compressedBytesTotal, total > 0 else {
            return "\(rowsRead) rows, \(perSecond); \(compressedBytesRead >> 20) MiB"
        }
        let share = min(1, Double(compressedBytesRead) / Double(total))
        let left = share > 0.01 ? "; \(Int((seconds * (1 - share) / share).rounded(.up))) s left" : ""
        return "\(rowsRead) rows, \(perSecond); \(compressedBytesRead >> 20) of \(total >> 20) MiB, "
            + "\(Int(share * 100))%\(left)"
    }
}
