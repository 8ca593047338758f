import ByteStreams
import LogIngest
import Samples
import UserPartition

/// The files that a run's first stage reads, as they stood when the run began. Calls block.
struct RunSources: Sendable {
    /// The ingest's settings, with files in the place of patterns and folders.
    let settings: IngestSettings
    private let uses: [IngestSettings.FileUse]
    /// By path; what is missing here is no regular file.
    private let stamps: [String: FileStamp]
    /// What tells the key of pseudonyms from others, without telling it.
    private let pseudonymKey: StepOrigin.Input?

    /// Finds the files. Throws as the ingest and the partition would.
    init(_ ingest: IngestSettings, partition: PartitionSettings) throws(StageError) {
        let path = partition.pseudonymKeyFile ?? ""
        pseudonymKey = try partition.pseudonymKeyCheck().map {
            StepOrigin.Input(purpose: "pseudonym key", name: path, sha256: $0)
        }
        var settings = ingest
        try settings.expandPaths()
        self.settings = settings
        uses = settings.fileUses
        var stamps: [String: FileStamp] = [:]
        for use in uses where use.path != "-" { stamps[use.path] = FileStamp(of: use.path) }
        self.stamps = stamps
    }

    /// Why what is read cannot be held against what was read before: some of it passes only once.
    var obstacle: RedoReason? {
        for use in uses where stamps[use.path] == nil {
            if use.path == "-" { return .incomparable("standard input") }
            // What is missing is for the ingest to tell.
            if FileTree.exists(use.path) { return .incomparable("\(use.path), which is no regular file,") }
        }
        return nil
    }

    /// The first stage's inputs, with the hashes of those files that are known.
    func inputs(_ files: [FileRecord]) -> [StepOrigin.Input] {
        let hashes = Dictionary(files.map { ($0.name, $0.sha256) }) { first, _ in first }
        let read = uses.map { use in
            StepOrigin.Input(purpose: use.purpose, name: use.path, sha256: hashes[use.path])
        }
        return read + (pseudonymKey.map { [$0] } ?? [])
    }

    /// Of the files recorded those that may be unchanged: they have their size. Reads none of them.
    func candidates(among known: [FileRecord]) -> [FileRecord] {
        known.filter { stamps[$0.name]?.bytes == $0.bytes }
    }

    /// Each file once, with its hash: the one recorded where the file's stamp says that it is unchanged, else of its bytes.
    func records(known: [FileRecord], cancellation: Cancellation) throws(StageError) -> [FileRecord] {
        let known = Dictionary(known.map { ($0.name, $0) }) { first, _ in first }
        var records: [FileRecord] = []
        var seen: Set<String> = []
        for use in uses {
            guard let stamp = stamps[use.path], seen.insert(use.path).inserted else { continue }
            if let record = known[use.path], record.stamp == stamp {
                records.append(record)
            } else {
                records.append(
                    try FileRecord(name: use.path, readFrom: use.path, cancellation: cancellation))
            }
        }
        return records
    }

    /// The files that are no longer as they stood when the run began.
    func changedFiles() -> [String] {
        stamps.filter { FileStamp(of: $0.key) != $0.value }.map(\.key).sorted()
    }
}
