import ByteStreams
public import Evaluation
public import Samples

extension StudyPage {
    /// The page of a study that is to stand at `path`: its figures stand beside it in a folder of the page's name, in small letters
    /// and without its ending.
    public init(_ results: StudyResults, at path: String) {
        self.init(results, figures: Self.figureFolder(of: path))
    }

    private static func figureFolder(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return String(name.split(separator: ".").first ?? "study").lowercased()
    }

    /// Writes the page and its figures, the page last.
    public func write(to path: String) async throws(StageError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        try await BlockingThread().run { () throws(StageError) in
            try FileTree.makeFolder(folder + Self.figureFolder(of: path))
        }
        for figure in figures { try await FileContents.write(figure.bytes, to: folder + figure.path) }
        try await FileContents.write(markdown(), to: path)
    }
}
