import AsyncAlgorithms

/// Tells how far a stage is, on standard error, while it works.
enum ProgressLine {
    /// Does `work`; meanwhile shows what `text` says.
    static func showing<Value: Sendable>(
        _ mode: ReportOptions.ProgressMode?, stage: String, text: @escaping @Sendable () -> String,
        while work: () async throws -> Value
    ) async throws -> Value {
        guard let mode else { return try await work() }
        let ticker = Task {
            let interval = mode == .line ? Duration.milliseconds(100) : .seconds(10)
            for await _ in AsyncTimerSequence(interval: interval, clock: .continuous) {
                switch mode {
                // Back to the line's start, then clear to its end.
                case .line: StandardError.write("\r\u{1B}[Kplumb \(stage): \(text())")
                case .log: StandardError.write("plumb \(stage): \(text())\n")
                }
            }
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        ticker.cancel()
        await ticker.value
        if mode == .line { StandardError.write("\r\u{1B}[K") }
        return try result.get()
    }
}
