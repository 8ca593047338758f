import Foundation
import Testing

/// `plumb study` as a person runs it.
@Suite("A study on the command line")
struct StudyCommandTests {
    private static let study = """
        data_sets:
          small: {pipeline: p.yaml, partition: {split: [0.5, 0.2, 0.3]}}
        models: {lr: {epochs: 1}}
        schedules:
          soft: {learning_rate: 0.01}
          hard: {learning_rate: 0.5}
        resamples: 20

        """

    private func folder(_ text: String = Self.study) throws -> TemporaryFolder {
        let folder = try SmallLog.folder()
        try folder.write(text, to: "s.yaml")
        return folder
    }

    @Test("prints a line a model, writes a page with its figures, and does nothing twice")
    func runs() throws {
        let folder = try folder()
        let arguments = ["study", "s.yaml", "-o", "out", "--page", "pages/S.md"]
        let first = try Plumb.run(arguments, in: folder.url)
        try #require(first.status == 0, "\(first.errors)")
        let lines = first.text.split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasPrefix("small") && lines[1].contains(" lr "))
        #expect(first.errors.contains("4 models and tunings made, 0 found"))
        let page = String(decoding: try folder.read("pages/S.md"), as: UTF8.self)
        #expect(page.contains("](s/small-drift.svg)"))
        #expect(String(decoding: try folder.read("pages/s/small-drift.svg"), as: UTF8.self).hasPrefix("<svg"))
        let again = try Plumb.run(arguments + ["--threads", "1"], in: folder.url)
        #expect(again.status == 0 && again.output == first.output)
        #expect(again.errors.contains("0 models and tunings made, 4 found"))
        #expect(String(decoding: try folder.read("pages/S.md"), as: UTF8.self) == page)
    }

    @Test("is not swayed by the environment")
    func environment() throws {
        let folder = try folder()
        let plain = try Plumb.run(["study", "s.yaml", "-o", "a", "-q"], in: folder.url)
        let swayed = try Plumb.run(
            ["study", "s.yaml", "-o", "b", "-q"], in: folder.url, environment: ["PLUMB_TRAIN_EPOCHS": "9"])
        #expect(plain.status == 0 && swayed.status == 0)
        #expect(try folder.read("a/study.json") == folder.read("b/study.json"))
    }

    @Test("says what is wrong and writes nothing")
    func refusals() throws {
        let folder = try folder(Self.study.replacing("learning_rate: 0.5", with: "learning_rat: 0.5"))
        let typo = try Plumb.run(["study", "s.yaml", "-o", "out"], in: folder.url)
        #expect(typo.status == 64)
        #expect(
            typo.errors.contains("s.yaml:6:24: error: there is no setting `finetune.learning_rat`"), "\(typo.errors)")
        #expect(typo.errors.contains("did you mean `finetune.learning_rate`?"))
        let missing = try Plumb.run(["study", "no.yaml", "-o", "out"], in: folder.url)
        #expect(missing.status == 2 && missing.errors.contains("no.yaml"))
        #expect(try Plumb.run(["study", "s.yaml"], in: folder.url).status == 64)
        #expect(try Plumb.run(["study", "s.yaml", "-o", "out", "--page", "-"], in: folder.url).status == 64)
        for page in ["out.md", "out/S.md", "S", "S.txt", ".md"] {
            let refused = try Plumb.run(["study", "s.yaml", "-o", "out", "--page", page], in: folder.url)
            #expect(refused.status == 64, "\(page): \(refused.errors)")
        }
        #expect(
            try Plumb.run(["study", "s.yaml", "-o", "out", "--summary", "out/s.json"], in: folder.url).status == 64)
        #expect(!folder.exists("out"))
    }
}
