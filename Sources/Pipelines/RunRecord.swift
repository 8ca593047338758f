/// What stands in a run folder and what it was made from: the content of `stages.json`, one entry a step that was finished.
struct RunRecord: Sendable, Hashable {
    /// A finished step.
    struct Entry: Sendable, Hashable {
        /// What it was made from.
        var origin: StepOrigin
        /// The origin's fingerprint, as it was written.
        var fingerprint: String
        /// Its results, by their paths in the run folder.
        var results: [FileRecord]
        /// The sources' files that it read, each once; empty but for the first stage.
        var sources: [FileRecord] = []
        /// How long it took when it was done; nil where that was not written down. Nothing is made from it or judged by it.
        var seconds: Double?
    }

    /// In the order of the stages, and of the seeds within one.
    private(set) var entries: [Entry]

    /// A record of these entries, in any order. Of two of one step the later counts.
    init(_ entries: [Entry] = []) {
        self.entries = []
        for entry in entries { self[entry.origin.step] = entry }
    }

    /// The entry of a step; nil if it was not finished.
    subscript(step: RunStep) -> Entry? {
        get { entries.first { $0.origin.step == step } }
        set {
            entries.removeAll { $0.origin.step == step }
            guard let newValue else { return }
            func place(_ entry: Entry) -> (RunStage, UInt64) { (entry.origin.step.stage, entry.origin.step.seed ?? 0) }
            entries.insert(newValue, at: entries.firstIndex { place($0) > place(newValue) } ?? entries.count)
        }
    }

    /// Removes and returns the entries that `isGone` names.
    mutating func remove(where isGone: (Entry) -> Bool) -> [Entry] {
        let gone = entries.filter(isGone)
        entries.removeAll(where: isGone)
        return gone
    }
}

extension RunRecord: CustomStringConvertible {
    /// One line a step, for a person.
    var description: String {
        let rows = entries.map { entry in
            let version = ShownText.plain(entry.origin.version)
            return [
                entry.origin.step.description, "by version \(version)", "from \(ShownText.plain(entry.fingerprint))",
            ]
        }
        return ShownText.columns(rows).map { "\($0)\n" }.joined()
    }
}
