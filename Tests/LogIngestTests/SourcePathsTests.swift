import Samples
import Testing

@testable import LogIngest

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct SourcePathsTests {
    /// A folder with files and folders in it.
    private final class Tree {
        let path: String
        private var made: [String] = []

        init(_ names: [String]) throws {
            let folder = try TemporaryFolder()
            path = folder.path + ".tree"
            mkdir(path, 0o700)
            for name in names {
                let parts = name.split(separator: "/")
                for count in parts.indices.dropFirst() { make(parts[..<count].joined(separator: "/")) }
                guard let file = fopen("\(path)/\(name)", "w") else { continue }
                fclose(file)
                made.append(name)
            }
        }

        private func make(_ folder: String) {
            if mkdir("\(path)/\(folder)", 0o700) == 0 { made.append(folder) }
        }

        func link(_ name: String, to target: String) {
            symlink(target, "\(path)/\(name)")
            made.append(name)
        }

        func pipe(_ name: String) {
            mkfifo("\(path)/\(name)", 0o600)
            made.append(name)
        }

        deinit {
            for name in made.reversed() { remove("\(path)/\(name)") }
            rmdir(path)
        }

        /// What `patterns`, taken from this folder, stand for.
        func expand(_ patterns: String...) throws(StageError) -> [String] {
            try SourcePaths.expand(patterns.map { "\(path)/\($0)" }).map { String($0.dropFirst(path.count + 1)) }
        }
    }

    @Test
    func sortsWhatAPatternMatchesByBytes() throws {
        let tree = try Tree(["b.gz", "B.gz", "a.gz", "é.gz", ".c.gz", "a.csv", "sub/d.gz"])
        #expect(try tree.expand("*.gz") == ["B.gz", "a.gz", "b.gz", "é.gz"])
        #expect(try tree.expand("?.csv", "*/[cd].gz") == ["a.csv", "sub/d.gz"])
        #expect(try tree.expand("b.gz", "a.*") == ["b.gz", "a.csv", "a.gz"])
        #expect(try tree.expand("s*") == ["sub/d.gz"])
    }

    @Test
    func takesAllRegularFilesOfAFolder() throws {
        let tree = try Tree(["logs/b", "logs/a/z", "logs/a.csv", "logs/.hidden", "logs/.git/x", "other"])
        tree.pipe("logs/pipe")
        tree.link("logs/link", to: "../other")
        #expect(try tree.expand("logs") == ["logs/a.csv", "logs/a/z", "logs/b", "logs/link"])
        #expect(try tree.expand("logs/") == ["logs/a.csv", "logs/a/z", "logs/b", "logs/link"])
        #expect(try tree.expand("logs/.hidden", "logs/pipe") == ["logs/.hidden", "logs/pipe"])
    }

    @Test
    func takesALiteralNameLiterally() throws {
        let tree = try Tree(["a*.gz", "ab.gz", "[1].csv", "1.csv"])
        #expect(try tree.expand("a*.gz") == ["a*.gz"])
        #expect(try tree.expand("[1].csv") == ["[1].csv"])
        #expect(try tree.expand("missing.csv") == ["missing.csv"])
        #expect(try SourcePaths.expand(["-"]) == ["-"])
    }

    @Test
    func refusesPatternsAndFoldersOfNothing() throws {
        let tree = try Tree(["empty/.hidden", "loop/a"])
        tree.link("loop/back", to: ".")
        let cases: [(String, StageError.Code, String)] = [
            ("*.gz", .environment, "no file matches the pattern"),
            ("empty", .data, "the folder holds no file"),
            ("loop", .environment, "the folder holds itself, by a link"),
        ]
        for (pattern, code, message) in cases {
            #expect {
                try tree.expand(pattern)
            } throws: { error in
                (error as? StageError)?.code == code && (error as? StageError)?.message == message
            }
        }
    }
}
