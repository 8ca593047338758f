import ArrowStream
import ByteStreams
import Samples
import Testing

@testable import LogIngest

/// Ids of an earlier ingest, used again.
struct FixedVocabularyTests {
    /// An ingest of `first`, and then of `second` with the vocabulary that it left.
    private static func ingested(_ first: String, _ second: String, threads: Int = 1) async throws -> (
        Ingested, Ingested
    ) {
        let folder = try TemporaryFolder()
        let items = try folder.file("items.csv", "item,name,kinds,price\na,A,k|l,1\nb,B,l,1\nc,A,m,1\nd,D,m|k,1\n")
        var settings = LogIngestTests.joined(
            try folder.file("1.csv", "user,item,rating,time\n" + first), items: items)
        let one = try await Ingested(settings)
        settings.vocabulary = try folder.file("vocabulary", one.report.vocabularyFile())
        settings.sources[0].paths = [try folder.file("2.csv", "user,item,rating,time\n" + second)]
        return (one, try await Ingested(settings, threads: threads))
    }

    @Test(arguments: [1, 3])
    func keysKeepTheirIdsAndOthersAreUnseenAndCounted(_ threads: Int) async throws {
        let (one, two) = try await Self.ingested(
            "1,c,5,1\n1,a,5,1\n", "1,d,5,1\n1,a,5,1\n1,b,5,1\n1,,5,1\n1,c,5,1\n1,d,5,1\n", threads: threads)
        #expect(one.vocabulary("item") == ["c: 1", "a: 1"])
        #expect(one.vocabulary("kinds") == ["m: 1", "k: 1", "l: 1"])
        #expect(one.report.unseenCounts.isEmpty)
        #expect(two.ids(0) == [0, 2, 0, 0, 1, 0])
        // Names: of c and a `A`, of the others new ones.
        #expect(two.ids(1) == [0, 1, 0, 0, 1, 0])
        #expect(two.lists(2) == [[1, 2], [2, 3], [3], [], [1], [1, 2]])
        #expect(two.report.unseenCounts == ["item": 3, "name": 3, "kinds": 0])
        #expect(two.vocabulary("item") == ["c: 1", "a: 1"])
        #expect(two.vocabulary("name") == ["A: 2"])
        #expect(two.vocabulary("kinds") == ["m: 3", "k: 3", "l: 2"])
    }

    @Test
    func unseenValuesOfAListAreLeftOut() async throws {
        let (_, two) = try await Self.ingested("1,b,5,1\n", "1,a,5,1\n1,d,5,1\n")
        #expect(two.lists(2) == [[1], []])
        #expect(two.report.unseenCounts == ["item": 2, "name": 2, "kinds": 3])
        #expect(two.vocabulary("kinds") == ["l: 1"])
    }

    @Test
    func aFeatureThatTheFileLacksIsAnError() async throws {
        let folder = try TemporaryFolder()
        let small = try await Ingested(.small([Fixture.path("log.csv")]))
        var settings = LogIngestTests.joined(Fixture.path("log.csv"))
        settings.vocabulary = try folder.file("vocabulary", small.report.vocabularyFile())
        let failure = await Ingested.failure(settings)
        #expect(failure?.code == .data)
        #expect(failure?.position?.file == settings.vocabulary)
        #expect(failure?.message == "the vocabulary has no feature `name`")
        #expect(failure?.advice == "it has item")
        settings.vocabulary = "/nowhere/vocabulary"
        #expect(await Ingested.failure(settings)?.code == .environment)
        settings.vocabulary = Fixture.path("log.csv")
        #expect(await Ingested.failure(settings)?.code == .data)
    }

    @Test
    func aFeatureThatMetNoKeyHasNoneTheNextTime() async throws {
        let (one, two) = try await Self.ingested("", "1,a,5,1\n")
        #expect(one.report.vocabularies.map(\.count) == [0, 0, 0])
        #expect(two.ids(0) == [0])
        #expect(two.lists(2) == [[]])
        #expect(two.report.unseenCounts == ["item": 1, "name": 1, "kinds": 2])
    }

    /// Reads a vocabulary of these bytes; its features as `name: number of keys`, or the error's message.
    private static func outcome(_ bytes: [UInt8]) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = try folder.file("vocabulary", bytes)
        do throws(StageError) {
            return try VocabularyFile.read(path, cancellation: Cancellation()).map { "\($0.feature): \($0.count)" }
        } catch {
            #expect(error.code == .data && error.position?.file == path)
            return [error.message]
        }
    }

    @Test
    func featuresKeepTheirNamesAndOrderWhateverTheyAre() throws {
        let names = ["z", "", "a,b", "a", "\"]\n\\", "\u{0}\u{1F}é日\u{2028}", "feature"]
        let vocabularies = names.enumerated().map { place, name in
            Vocabulary(
                feature: name, keys: TextColumn((0..<place % 3).map(String.init)),
                counts: Array(repeating: 1, count: place % 3))
        }
        let expected = names.enumerated().map { "\($1): \($0 % 3)" }
        #expect(try Self.outcome(VocabularyFile.bytes(vocabularies)) == expected)
        #expect(try Self.outcome(VocabularyFile.bytes([])) == [])
    }

    /// A vocabulary of two features, one key each, with this note of its features.
    private static func noted(_ note: String?, _ features: [String] = ["a", "b"]) -> [UInt8] {
        var schema = VocabularyFile.schema
        if let note { schema.metadata["plumb.features"] = note }
        let encoder = ArrowStreamEncoder(schema: schema)
        let batch = ArrowBatch(
            schema,
            columns: [
                ArrowColumn(.text(TextColumn(features))), ArrowColumn(.text(TextColumn(["k", "k"]))),
                ArrowColumn(.uint32([1, 1])), ArrowColumn(.int64([5, 5])),
            ], count: 2)
        return encoder.start() + encoder.encode(batch) + encoder.end()
    }

    @Test
    func aFileWithoutANoteHasTheFeaturesOfItsKeys() throws {
        #expect(try Self.outcome(Self.noted(nil)) == ["a: 1", "b: 1"])
        #expect(try Self.outcome(Self.noted(#"["b","c","a"]"#)) == ["b: 1", "c: 0", "a: 1"])
    }

    @Test
    func aNoteThatIsWrongIsAnError() throws {
        let noList = "has no list of texts as `plumb.features`, the note of its features"
        for note in ["", "a,b", "[1]", "{}", #"["a","b""#] {
            #expect(try Self.outcome(Self.noted(note)) == [noList], "\(note)")
        }
        #expect(try Self.outcome(Self.noted(#"["a","b","a"]"#)) == ["notes the feature `a` twice"])
        #expect(try Self.outcome(Self.noted(#"["a"]"#)) == ["has keys of feature `b`, but notes no such feature"])
        let long = #"["a","b","\#(String(repeating: "x", count: 1 << 20))"]"#
        #expect(try Self.outcome(Self.noted(long)) == ["notes its features in more than 1048576 bytes"])
    }

    /// Ids name keys by their place, so a key that stood twice would shift all that follow.
    @Test
    func refusesWhatIsNoVocabulary() throws {
        let folder = try TemporaryFolder()
        func failure(_ vocabularies: [Vocabulary], _ change: (inout [UInt8]) -> Void = { _ in }) throws -> StageError? {
            var bytes = VocabularyFile.bytes(vocabularies)
            change(&bytes)
            let path = try folder.file("vocabulary", bytes)
            do throws(StageError) {
                _ = try VocabularyFile.read(path, cancellation: Cancellation())
                return nil
            } catch {
                return error
            }
        }
        func vocabulary(_ keys: [String]) -> Vocabulary {
            Vocabulary(feature: "item", keys: TextColumn(keys), counts: Array(repeating: 1, count: keys.count))
        }
        #expect(try failure([vocabulary(["a", "b"])]) == nil)
        #expect(try failure([]) == nil)
        let twice = try failure([vocabulary(["a", "b", "a"])])
        #expect(twice?.code == .data)
        #expect(twice?.message == "feature `item` has the key `a` twice")
        // A feature whose ids start anew.
        let again = try failure([vocabulary(["a", "b"]), vocabulary(["c"])])
        #expect(again?.message == "notes the feature `item` twice")
        #expect(try Self.outcome(Self.noted(nil, ["a", "a"])) == ["feature `a` has the id 1 where 2 must follow"])
    }

    @Test
    func aFileCutOffAnywhereIsRefused() async throws {
        let bytes = try await Ingested(LogIngestTests.joined(Fixture.path("log.csv"))).report.vocabularyFile()
        let file = try DamagedFile(bytes)
        for count in (0..<bytes.count).reversed() {
            try file.cut(to: count)
            do throws(StageError) {
                _ = try VocabularyFile.read(file.path, cancellation: Cancellation())
                Issue.record("cut off after \(count) of \(bytes.count) bytes")
            } catch {
                #expect(error.code == .data, "cut off after \(count) bytes: \(error)")
            }
        }
    }

    /// The format has no checksum, so other keys may come of a flipped bit; but each once, with ids from 1, and no trap.
    @Test
    func aFlippedBitIsAnErrorOrLeavesAVocabulary() async throws {
        let bytes = try await Ingested(LogIngestTests.joined(Fixture.path("log.csv"))).report.vocabularyFile()
        let file = try DamagedFile(bytes)
        // Every third bit: each of a byte's eight comes up in turn.
        for bit in stride(from: 0, to: bytes.count * 8, by: 3) {
            try file.flip(bit)
            do throws(StageError) {
                let read = try VocabularyFile.read(file.path, cancellation: Cancellation())
                for vocabulary in read {
                    #expect(Set((0..<vocabulary.count).map { vocabulary.keys[$0] }).count == vocabulary.count)
                }
                #expect(Set(read.map(\.feature)).count == read.count, "bit \(bit)")
            } catch {
                #expect(error.code == .data, "bit \(bit): \(error)")
            }
        }
    }
}
