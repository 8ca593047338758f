import ByteStreams
import OrderedJSON
import Samples
import Synchronization

/// What each finished file of a study was made from: `record.json`. A file is entered after it came to stand in its place, and
/// counts as finished only while its bytes are those entered: so a study may be killed at any moment, and files may be changed.
///
/// Calls block, but for `open`. The folder is one study's; that study's tasks share this.
final class StudyLedger: Sendable {
    private struct Entry {
        /// The fingerprint of all that the file is a function of.
        var origin: String
        var file: FileRecord
    }

    private struct State {
        var entries: [String: Entry]
        /// Whether files were found unchanged whose stamps are not written yet.
        var hasNewStamps = false
    }

    private let folder: StudyFolder
    private let state: Mutex<State>

    /// To be raised when the same origins come to make other bytes while the tool's version stays.
    private static let format = 1
    private static let mostBytes = 256 << 20

    private init(_ folder: StudyFolder, _ entries: [String: Entry]) {
        self.folder = folder
        state = Mutex(State(entries: entries))
    }

    /// The ledger of a folder. One that is damaged or of another format vouches for nothing. Does not block.
    static func open(_ folder: StudyFolder) async throws(StageError) -> StudyLedger {
        guard FileTree.exists(folder.record) else { return StudyLedger(folder, [:]) }
        let bytes: [UInt8]
        do throws(StageError) {
            bytes = try await FileContents.read(folder.record, limit: mostBytes)
        } catch {
            if error.code == .data { return StudyLedger(folder, [:]) }
            throw error
        }
        return StudyLedger(folder, (try? read(bytes)) ?? [:])
    }

    /// The file of this name, if it was made from the same origin and stands as it was made; nil if it is to be made.
    func finished(_ name: String, origin: String, cancellation: Cancellation) throws(StageError) -> FileRecord? {
        guard let entry = state.withLock({ $0.entries[name] }), entry.origin == origin,
            case .same(let file) = try entry.file.compared(
                with: folder.place(of: name), cancellation: cancellation)
        else { return nil }
        if file != entry.file {
            // A newer stamp spares the next study the reading.
            state.withLock { state in
                state.entries[name]?.file = file
                state.hasNewStamps = true
            }
        }
        return file
    }

    /// The file of this name as it was entered. Throws `data` if it was not.
    func entered(_ name: String) throws(StageError) -> FileRecord {
        guard let entry = state.withLock({ $0.entries[name] }) else {
            throw StageError(.data, "was not made", at: SourcePosition(file: folder.place(of: name)))
        }
        return entry.file
    }

    /// Enters a file that stands in its place.
    func enter(_ file: FileRecord, origin: String) throws(StageError) {
        try state.withLock { state throws(StageError) in
            state.entries[file.name] = Entry(origin: origin, file: file)
            try write(&state)
        }
    }

    /// Writes down stamps that are newer than those in the file, so that the next study need not read what this one has read.
    func saveStamps() {
        // A folder that may only be read is none the worse for it.
        state.withLock { state in if state.hasNewStamps { try? write(&state) } }
    }

    private func write(_ state: inout State) throws(StageError) {
        let record = try OutputFile(path: folder.record)
        try record.write(Self.json(state.entries))
        try record.publish()
        state.hasNewStamps = false
    }

    // MARK: The file

    private static func json(_ entries: [String: Entry]) -> [UInt8] {
        let files = entries.values.sorted { $0.file.name < $1.file.name }.map { entry in
            JSONValue.object(["origin": .string(entry.origin), "file": entry.file.json])
        }
        let document = JSONValue.object(["format": .integer(format), "files": .array(files)])
        return Array(document.text(.indented).utf8)
    }

    private static func read(_ bytes: [UInt8]) throws(JSONError) -> [String: Entry] {
        let document = JSONNode(try JSONValue(utf8: bytes[...]))
        guard try document.member("format").value == .integer(format) else { return [:] }
        var entries: [String: Entry] = [:]
        for node in try document.member("files").elements() {
            let file = try FileRecord(node.member("file"))
            entries[file.name] = Entry(origin: try node.member("origin").string(), file: file)
        }
        return entries
    }
}
