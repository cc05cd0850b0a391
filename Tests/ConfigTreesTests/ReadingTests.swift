import Testing

@testable import ConfigTrees

private enum Syntaxes {
    static let indented = ConfigSyntax(
        family: .indented, comments: ["!"], noise: ["Building configuration..."], sectionEnds: ["exit $"],
        blocks: [.init(begins: "banner *"), .init(begins: "certificate ~ $", ends: "quit")])
    static let junos = ConfigSyntax(family: .paths, comments: ["#"], statementEnd: ";", namedWords: ["unit"])
    static let vyos = ConfigSyntax(family: .paths, comments: ["//"], quote: "'", namedWords: ["vif"])
    static let menus = ConfigSyntax(family: .menus, comments: ["#"])
}

@Suite("Reading configurations")
struct ReadingTests {
    @Test("Sections by indentation, with tabs, CR and what belongs to nothing")
    func indentation() throws {
        let tree = try ConfigTree(
            parsing: "Building configuration...\r\n\r\na\r\n  b \r\n  ! c\r\n\td\r\n exit\r\n   \r\n e\r\nf",
            syntax: Syntaxes.indented)
        #expect(tree.text == "a\n b\n  d\n e\nf\n")
    }

    @Test("A banner is one command with its lines as they are")
    func banner() throws {
        let text = "banner motd ^C\n  two\n\n! no comment ^C\nbanner login #one#\nx\n"
        let tree = try ConfigTree(parsing: text, syntax: Syntaxes.indented)
        #expect(tree.nodes.map(\.text) == ["banner motd ^C\n  two\n\n! no comment ^C", "banner login #one#", "x"])
        #expect(tree.text == text)
    }

    @Test("Braces: quotes, lists, comments, what is inactive; the same in set lines")
    func braces() throws {
        let text = """
            /* a { */
            a {
                inactive: b "x y" ; ## secret
                c [ d "e f" ];
                unit 0 { g; }
                inactive: h { i; }
            }
            """
        let tree = try ConfigTree(parsing: text, syntax: Syntaxes.junos)
        let flat = try ConfigTree(
            parsing: """
                set a b "x y"
                set a c d
                set a c "e f"
                set a unit 0 g
                set a h i
                deactivate a b
                deactivate a h
                """, syntax: Syntaxes.junos)
        let dialect = ConfigDialect(name: "x", syntax: Syntaxes.junos)
        #expect(TreeDiff(from: tree, to: flat, dialect: dialect).text == "")
        #expect(
            tree.text == """
                a {
                    inactive: b "x y";
                    c d;
                    c "e f";
                    unit 0 {
                        g;
                    }
                    h {
                        inactive: i;
                    }
                }

                """)
        #expect(try ConfigTree(parsing: tree.text, syntax: Syntaxes.junos) == tree)
    }

    @Test("Statements that end with their lines")
    func lines() throws {
        let tree = try ConfigTree(
            parsing: "a {\n  b 'c'\n  d [\n e\n f\n ]\n vif 5 {\n }\n}\n// end", syntax: Syntaxes.vyos)
        #expect(TreePrinter(syntax: Syntaxes.vyos).flat(tree.nodes) == "set a b c\nset a d e\nset a d f\nset a vif 5\n")
    }

    @Test("Menus: lines that go on, quotes, brackets, and commands with their menu")
    func menus() throws {
        let tree = try ConfigTree(
            parsing: "# x\n/queue simple\nadd name=\"a b\" \\\n    target=c\n/ip address set [ find a=b ] c=d\n",
            syntax: Syntaxes.menus)
        #expect(tree.text == "/queue simple\nadd name=\"a b\" target=c\n/ip address\nset [ find a=b ] c=d\n")
    }

    @Test(
        "Errors name the line and what was expected",
        arguments: [
            (
                "a\nbanner motd ^C\nx", Syntaxes.indented,
                "line 2: expected '^C' somewhere below, which ends 'banner motd'"
            ),
            (
                "certificate 1\n0102\n", Syntaxes.indented,
                "line 1: expected 'quit' somewhere below, which ends 'certificate'"
            ),
            ("a {\n b;\n", Syntaxes.junos, "line 1: expected '}' somewhere below, which closes the '{' in this line"),
            ("a;\n}\n", Syntaxes.junos, "line 2: expected no '}' without '{'"),
            ("a {\n b\n}\n", Syntaxes.junos, "line 3: expected ';' before '}'"),
            ("{\n}\n", Syntaxes.junos, "line 1: expected a name before '{'"),
            ("a \"b\nc", Syntaxes.junos, "line 1: expected a quote somewhere below, which ends the one in this line"),
            ("a /* b\n\n", Syntaxes.junos, "line 1: expected '*/' somewhere below, which ends the comment"),
            ("\na [ b c\n", Syntaxes.junos, "line 2: expected ']' somewhere below, which ends the list in this line"),
            ("set a\nxyz", Syntaxes.junos, "line 2: expected a line that begins with 'set '"),
            ("set a 'b\n", Syntaxes.vyos, "line 1: expected a closing quote in this line"),
            ("set a\ndeactivate b\n", Syntaxes.junos, "line 2: expected a path that is set in another line"),
            ("add a=b", Syntaxes.menus, "line 1: expected a menu such as '/ip address' above"),
            ("/a\nhello", Syntaxes.menus, "line 2: expected a menu such as '/ip address', or 'add' or 'set'"),
            ("/a\nadd b=\"c\n", Syntaxes.menus, "line 2: expected a closing quote in this line"),
        ] as [(String, ConfigSyntax, String)])
    func errors(_ text: String, _ syntax: ConfigSyntax, _ message: String) {
        #expect {
            try ConfigTree(parsing: text, syntax: syntax)
        } throws: {
            "\($0)" == message
        }
    }

    @Test("A hundred thousand sections in each other are refused, and do not run out of stack")
    func depth() {
        let deep = 100_000
        let texts: [(String, ConfigSyntax)] = [
            (String(repeating: "a {", count: deep), Syntaxes.junos),
            ("set" + String(repeating: " a", count: deep), Syntaxes.junos),
            (Self.staircase(1_000), Syntaxes.indented),
        ]
        for (text, syntax) in texts {
            #expect(throws: ConfigTreeError.self) { try ConfigTree(parsing: text, syntax: syntax) }
        }
    }

    @Test("The deepest tree that is read can be printed, compared and led to")
    func deepest() throws {
        let text = Self.staircase(ConfigTree.deepestNesting)
        let dialect = try dialect("cisco_ios")
        let tree = try ConfigTree(parsing: text, syntax: dialect.syntax)
        let empty = try ConfigTree(parsing: "", syntax: dialect.syntax)
        #expect(tree.text == text)
        try lead(empty, to: tree, dialect)
        try lead(tree, to: empty, dialect)
    }

    private static func staircase(_ depth: Int) -> String {
        (0..<depth).map { String(repeating: " ", count: $0) + "x\n" }.joined()
    }
}
