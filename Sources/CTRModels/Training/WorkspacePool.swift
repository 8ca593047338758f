import Synchronization

/// Workspaces of one model for passes at once: as many as threads use at a time, not one for each of their pieces of
/// work. What a pass computes does not depend on which workspace it gets.
final class WorkspacePool: Sendable {
    private let free = Mutex<[Workspace]>([])

    /// Lends `body` a workspace for passes of `rows` rows of `model`, always the same model.
    func withWorkspace<Result>(rows: Int, of model: CTRModel, _ body: (inout Workspace) -> Result) -> Result {
        var workspace = take(rows: rows) ?? model.makeWorkspace(rows: rows)
        let result = body(&workspace)
        give(workspace)
        return result
    }

    /// One that has room; one that has not makes way for a larger one.
    private func take(rows: Int) -> Workspace? {
        free.withLock { free in
            guard let workspace = free.popLast(), workspace.rows >= rows else { return nil }
            return workspace
        }
    }

    private func give(_ workspace: consuming Workspace) {
        let given = workspace
        free.withLock { $0.append(given) }
    }
}
