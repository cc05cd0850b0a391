import Foundation
import Testing

@testable import ConfigTrees

@Suite("Dialects")
struct DialectTests {
    @Test("Are data: written and read again they are the same", arguments: ConfigDialect.builtIns)
    func codable(_ dialect: ConfigDialect) throws {
        let data = try JSONEncoder().encode(dialect)
        #expect(try JSONDecoder().decode(ConfigDialect.self, from: data) == dialect)
    }

    @Test("Need no more than a name and a syntax")
    func short() throws {
        let text = #"{"name": "x", "syntax": {"family": "indented"}, "replacing": ["a > b *"]}"#
        let dialect = try JSONDecoder().decode(ConfigDialect.self, from: Data(text.utf8))
        var expected = ConfigDialect(name: "x", syntax: ConfigSyntax(family: .indented))
        expected.replacing = ["a > b *"]
        #expect(dialect == expected)
    }

    @Test("Names are unique")
    func names() {
        #expect(Set(ConfigDialect.builtIns.map(\.name)).count == ConfigDialect.builtIns.count)
        #expect(ConfigDialect.builtIn(named: "nobody") == nil)
    }

    @Test(
        "Patterns match words in sections",
        arguments: [
            ("a b", "a b c", [], "a b"), ("a b", "a", [], nil), ("a b", "ab", [], nil), ("a $", "a b", [], nil),
            ("a $", "a", [], "a"),
            ("a|b ~ *", "b c d e", [], "b d"), ("#", "12 a", [], "12"), ("#", "1a", [], nil),
            ("Gig*", "Gig0/1", [], "Gig0/1"),
            ("*.*", "Gig0/1.5", [], "Gig0/1.5"), ("*.*", "Gig0/1", [], nil), ("x > a", "a", ["x y"], "a"),
            ("x > a", "a", [], nil), ("a", "a", ["x"], nil), ("** > a", "a", [], "a"),
            ("** > a", "a", ["x", "y"], "a"),
            ("x > ** > y > a", "a", ["x", "z", "y"], "a"), ("x > ** > y > a", "a", ["x", "y"], "a"),
            ("x > ** > y > a", "a", ["x", "y", "z"], nil), ("** > y > a", "a", ["y", "x", "y"], "a"),
        ] as [(String, String, [String], String?)])
    func patterns(_ pattern: String, _ line: String, _ parents: [String], _ key: String?) {
        let words = line.split(separator: " ")
        let above = parents.map { $0.split(separator: " ") }
        #expect(LinePattern(pattern).match(words, in: above)?.key == key)
        #expect(PatternIndex(["zzz", LinePattern(pattern)]).match(words, in: above)?.match.key == key)
    }

    @Test("The first pattern that matches counts, whether it begins with a word or with any")
    func first() {
        #expect(PatternIndex(["~ b", "a b"]).match(["a", "b"], in: [])?.index == 0)
        #expect(PatternIndex(["a b", "~ b"]).match(["a", "b"], in: [])?.index == 0)
        #expect(PatternIndex(["a c", "~ b"]).match(["a", "b"], in: [])?.index == 1)
    }
}

@Suite("Differences")
struct TreeDiffTests {
    @Test("Are shown in their sections, in the order of both")
    func text() throws {
        let dialect = try dialect("cisco_ios")
        let old = try ConfigTree(
            parsing: "hostname a\ninterface Vlan1\n description x\n mtu 9000\n no shutdown\nip routing\n",
            syntax: dialect.syntax)
        let new = try ConfigTree(
            parsing: "hostname a\ninterface Vlan1\n description y\nip routing\nline vty 0 4\n login local\n",
            syntax: dialect.syntax)
        #expect(
            TreeDiff(from: old, to: new, dialect: dialect).text == """
                 interface Vlan1
                -  description x
                +  description y
                -  mtu 9000
                +line vty 0 4
                +  login local

                """)
    }

    @Test("A list that is taken back as a whole takes its entries back, as on a device")
    func lists() throws {
        let dialect = try dialect("cisco_nxos")
        let tree = try ConfigTree(
            parsing: "vlan 1,10,20\nvlan 10\n name users\nhostname a\n", syntax: dialect.syntax)
        let applied = try tree.applying(["no vlan 1,10-12", "vlan 30-31"], dialect: dialect)
        #expect(applied.text == "vlan 20\nhostname a\nno vlan 11\nno vlan 12\nvlan 30\nvlan 31\n")
    }

    @Test("Order counts only where the dialect says so")
    func order() throws {
        let dialect = try dialect("juniper_junos")
        let old = try ConfigTree(
            parsing: "set a x\nset a y\nset policy-options policy-statement P term a then accept\n"
                + "set policy-options policy-statement P term b then accept", syntax: dialect.syntax)
        let new = try ConfigTree(
            parsing: "set a y\nset a x\nset policy-options policy-statement P term b then accept\n"
                + "set policy-options policy-statement P term a then accept", syntax: dialect.syntax)
        #expect(
            TreeDiff(from: old, to: new, dialect: dialect).text == """
                 policy-options
                   policy-statement
                     P
                       term
                ~        a (now after b)

                """)
    }
}
