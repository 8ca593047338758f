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

    private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

    /// The folder of the figures of a page that stands at `path`.
    public static func figurePlace(of path: String) -> String { folder(of: path) + figureFolder(of: path) }

    /// Writes the page and its figures, the page last. Figures of an earlier page that this one does not show go.
    public func write(to path: String) async throws(StageError) {
        let folder = Self.folder(of: path)
        let shown = Set(figures.map { folder + $0.path })
        try await BlockingThread().run { () throws(StageError) in
            let place = Self.figurePlace(of: path)
            try FileTree.makeFolder(place)
            for name in try FileTree.names(in: place) where Self.isFigure(name) && !shown.contains("\(place)/\(name)") {
                try FileTree.removeFile("\(place)/\(name)")
            }
        }
        for figure in figures { try await FileContents.write(figure.bytes, to: folder + figure.path) }
        try await FileContents.write(markdown(), to: path)
    }
}
