import LogIngest
import Testing

struct LabelRuleTests {
    typealias Rule = IngestSettings.LabelRule

    static let rules: [(String, Rule)] = [
        ("rating >= 4", .comparison(column: "rating", .atLeast, 4)),
        ("rating>=4", .comparison(column: "rating", .atLeast, 4)),
        ("  rating > -0.5 ", .comparison(column: "rating", .above, -0.5)),
        ("rating < 1e3", .comparison(column: "rating", .below, 1000)),
        ("rating <= +2", .comparison(column: "rating", .atMost, 2)),
        ("rating == 5", .comparison(column: "rating", .equal, 5)),
        ("rating != 5", .comparison(column: "rating", .unequal, 5)),
        ("'my rating' >= 4", .comparison(column: "my rating", .atLeast, 4)),
        ("behaviour in [cart, fav, buy]", .membership(column: "behaviour", ["cart", "fav", "buy"])),
        ("behaviour in[buy]", .membership(column: "behaviour", ["buy"])),
        ("b in ['to cart', \"say \"\"yes\"\"\", 3]", .membership(column: "b", ["to cart", "say \"yes\"", "3"])),
        ("clicked", .zeroOne(column: "clicked")),
        ("in", .zeroOne(column: "in")),
        ("inside", .zeroOne(column: "inside")),
        ("Größe_1.a-b", .zeroOne(column: "Größe_1.a-b")),
    ]

    @Test(arguments: rules)
    func readsTheThreeKindsOfRule(_ text: String, _ rule: Rule) throws {
        #expect(try Rule(parsing: text) == rule)
    }

    @Test(arguments: rules)
    func writesRulesThatReadBack(_ text: String, _ rule: Rule) throws {
        #expect(try Rule(parsing: rule.description) == rule)
    }

    static let faults: [(String, Int, String)] = [
        ("", 1, "starts with the name of a column"),
        (">= 4", 1, "starts with the name of a column"),
        ("rating = 4", 8, "write `==`"),
        ("rating ~ 4", 8, "is missing"),
        ("rating >=", 10, "a number is missing after `>=`"),
        ("rating >= four", 11, "`four` is no number"),
        ("rating >= nan", 11, "`nan` is no number"),
        ("behaviour == buy", 14, "write `behaviour in [buy]`"),
        ("rating >= 4 5", 13, "should end here"),
        ("behaviour in cart", 14, "a list"),
        ("behaviour in [cart", 19, "`,` or `]` is missing"),
        ("behaviour in [cart,]", 20, "a value is missing"),
        ("behaviour in []", 15, "a value is missing"),
        ("behaviour inside", 11, "is missing"),
        ("'rating >= 4", 1, "not closed"),
    ]

    @Test(arguments: faults)
    func namesTheColumnOfAFault(_ text: String, _ column: Int, _ message: String) {
        do throws(Rule.TextFault) {
            let rule = try Rule(parsing: text)
            Issue.record("`\(text)` was read as \(rule)")
        } catch {
            #expect(error.column == column)
            #expect(error.message.contains(message))
        }
    }
}
