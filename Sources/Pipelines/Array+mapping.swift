import Samples

extension Array where Element: Sendable {
    /// Works on elements side by side, at most so many at once; the results stand in the elements' order. The first failure cancels
    /// the others and is thrown when they have ended.
    func mapping<Value: Sendable>(
        atOnce limit: Int, _ work: @escaping @Sendable (Element) async throws(StageError) -> Value
    ) async throws(StageError) -> [Value] {
        let result = await withTaskGroup(of: (Int, Result<Value, StageError>).self) { group in
            var values: [Int: Value] = [:]
            var failure: StageError?
            var next = 0
            func begin() {
                guard failure == nil, next < count else { return }
                let (index, element) = (next, self[next])
                next += 1
                group.addTask {
                    do throws(StageError) {
                        return (index, .success(try await work(element)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<Swift.max(1, limit) { begin() }
            for await (index, result) in group {
                switch result {
                case .success(let value): values[index] = value
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
                begin()
            }
            if let failure { return Result<[Value], StageError>.failure(failure) }
            return .success(indices.compactMap { values[$0] })
        }
        return try result.get()
    }
}
