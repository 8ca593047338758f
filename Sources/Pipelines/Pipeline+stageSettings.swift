extension Pipeline {
    /// The settings that a stage of a run depends on. A new setting enters by itself: only what is known to change no byte
    /// of any result stays out.
    func settings(of stage: RunStage) -> [PipelineSetting] {
        let sections = Self.sections(of: stage)
        return settings.filter { setting in
            setting.keys.first.map(sections.contains) == true && !Self.changesNoByte(setting.keys)
        }
    }

    /// The sections of the pipeline file that a stage reads.
    private static func sections(of stage: RunStage) -> [String] {
        switch stage {
        case .partition: ["ingest", "partition"]
        case .ctr: ["ctr"]
        case .train: ["train"]
        // In a run predictions are evaluated in the pass that makes them.
        case .finetune: ["correct", "finetune", "evaluate"]
        case .evaluate: ["evaluate"]
        }
    }

    /// Whether a setting changes no byte of any result. Files are held against the record by their content, not by the
    /// pattern or folder that named them.
    private static func changesNoByte(_ keys: [String]) -> Bool {
        switch keys {
        case ["ingest", "batch_rows"], ["ingest", "vocabulary"], ["partition", "memory"],
            ["train", "memory"], ["evaluate", "memory"]:
            true
        case let keys where keys.count == 4 && keys[0] == "ingest" && keys[1] == "sources" && keys[3] == "path": true
        default: false
        }
    }
}
