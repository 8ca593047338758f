import OrderedJSON
import Testing

@Suite("Reading what a JSON document holds")
struct JSONNodeTests {
    private static func node(_ text: String, path: String = "") throws -> JSONNode {
        JSONNode(try JSONValue(text), path: path)
    }

    @Test("gives members and elements in the document's order")
    func order() throws {
        let node = try Self.node(#"{"z": [1, 2], "a": null, "m": "x"}"#)
        #expect(try node.members().map(\.key) == ["z", "a", "m"])
        #expect(try node.member("z").elements().map(\.value) == [.integer(1), .integer(2)])
        #expect(try node.member("a").value == .null)
        #expect(try node.optionalMember("a") == nil)
        #expect(try node.optionalMember("b") == nil)
        #expect(try node.optionalMember("m")?.string() == "x")
    }

    @Test("reads numbers of the type that is asked for")
    func numbers() throws {
        let node = try Self.node(#"{"seed": 18446744073709551615, "one": 1, "half": 0.5, "none": null}"#)
        #expect(try node.member("seed").integer() == UInt64.max)
        #expect(try node.member("one").count() == 1)
        #expect(try node.member("one").double() == 1)
        #expect(try node.member("half").optionalDouble() == 0.5)
        #expect(try node.member("none").optionalDouble() == nil)
    }

    private enum Part: String, CaseIterable { case train, test }

    @Test("reads a text that is one of a few")
    func choice() throws {
        let node = try Self.node(#"["test", "tset", 1]"#)
        let part: Part = try node.elements()[0].choice()
        #expect(part == .test)
        for index in 1...2 {
            let error = #expect(throws: JSONError.self) {
                let _: Part = try node.elements()[index].choice()
            }
            #expect(error?.message == "[\(index)] must be one of train, test")
        }
    }

    @Test("names the path of what has the wrong shape")
    func paths() throws {
        let node = try Self.node(#"{"arms": {"cloud": {"auc": "0.5"}, "a.b c\u001b": 1}, "list": [-1, [true], 1.0]}"#)
        let (arms, list) = (try node.member("arms"), try node.member("list").elements())
        let cloud = try arms.member("cloud")
        func expect(_ message: String, _ read: () throws -> Void) {
            let error = #expect(throws: JSONError.self, performing: read)
            #expect(error?.message == message)
            #expect(error?.code == .shape)
            #expect(error?.byteOffset == nil)
        }
        expect("arms.cloud.auc must be a number") { _ = try cloud.member("auc").double() }
        expect("arms.cloud.auc must be a number or null") { _ = try cloud.member("auc").optionalDouble() }
        expect("arms.cloud.gauc is missing") { _ = try cloud.member("gauc") }
        expect(#"arms."" is missing"#) { _ = try arms.member("") }
        expect(#"arms."a.b c\u001b" must be an object"#) { _ = try arms.members()[1].node.members() }
        expect("list[1][0] must be a text") { _ = try list[1].elements()[0].string() }
        expect("list[0] must be an integer from 0 to 255") { let _: UInt8 = try list[0].integer() }
        expect("list[2] must be an integer from -128 to 127") { let _: Int8 = try list[2].integer() }
        expect("list[0] must be an integer from 0 to \(Int.max)") { _ = try list[0].count() }
        expect("list[0] must be an integer from 0 to 9") { _ = try list[0].integer(in: 0...9) }
        expect("list[1][0] must be an integer from 0 to 255") { let _: [UInt8] = try list[1].integers() }
        expect("list is not known") { try node.requireKeys(among: ["arms"]) }
        expect("the document must be an array") { _ = try node.elements() }
    }

    @Test("starts paths with the root's name, if it has one")
    func namedRoot() throws {
        let node = try Self.node(#"{"a": 1}"#, path: "header")
        #expect(throws: JSONNode(.null, path: "header").mismatch("an array")) { try node.elements() }
        #expect(try node.member("a").path == "header.a")
        try node.requireKeys(among: ["a", "b"])
    }
}
