import Foundation
import Testing

@Suite("The table of arms on a terminal")
struct TerminalTests {
    @Test("has bars, and none where standard output is none, whoever prints it")
    func bars() throws {
        let folder = try SmallLog.folder()
        let made = try Plumb.run(["run", "p.yaml", "-o", "run", "-q"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let predictions = "run/seed-1/predictions.arrows"
        for arguments in [
            ["run", "p.yaml", "-o", "run", "-q"], ["evaluate", predictions, "--to", "table", "-q"], ["inspect", "run"],
        ] {
            let piped = try Plumb.run(arguments, in: folder.url)
            #expect(piped.status == 0 && piped.text.hasPrefix("arm  ") && !piped.text.contains("█"), "\(piped.errors)")
            let (result, shown) = try PseudoTerminal().run(arguments, in: folder.url)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            #expect(
                shown.hasPrefix("arm  ") && shown.contains("  ██████████") && shown.contains("\nbars      GAUC from 0.")
            )
            #expect(!shown.contains("\u{1b}") && shown.split(separator: "\n").allSatisfy { $0.last != " " })
        }
        // Into a file they are none, wherever the command stands.
        let (written, shown) = try PseudoTerminal().run(
            ["evaluate", predictions, "--to", "table", "-o", "table.txt", "-q"], in: folder.url)
        #expect(written.status == 0 && shown.isEmpty)
        #expect(
            try String(decoding: folder.read("table.txt"), as: UTF8.self)
                == Plumb.run(["evaluate", predictions, "--to", "table", "-q"], in: folder.url).text)
    }
}
