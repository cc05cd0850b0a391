import Testing

@testable import ConfigTrees

@Suite("Lines in a configuration of many")
struct LinesTests {
    private static let ios = DialectRules(.ciscoIOS("cisco_ios"))
    private static let junos = DialectRules(.juniperJunos)

    private func tree(_ text: String, _ rules: DialectRules) throws -> ConfigTree {
        try ConfigTree(parsing: text, rules: rules)
    }

    @Test("a section, the first two words of a line that stands beside others, the first of one that stands alone")
    func beginnings() throws {
        let lines = try tree(
            """
            hostname edge-2
            ntp server 10.0.0.7
            no ip domain lookup
            interface GigabitEthernet1
             description a
            """, Self.ios)
        #expect(
            ConfigTree.beginnings(of: [lines], rules: Self.ios) == [
                "hostname", "ntp server", "ip domain", "interface GigabitEthernet1",
            ])
        let paths = try tree(
            """
            set system host-name edge-2
            set system ntp server 10.0.0.7
            set interfaces ge-0/0/0 description a
            set policy-options prefix-list P 10.0.0.0/8
            """, Self.junos)
        #expect(
            ConfigTree.beginnings(of: [paths], rules: Self.junos) == [
                "system", "interfaces ge-0/0/0", "policy-options prefix-list",
            ])
        let both = try [tree("ip", Self.ios), tree("ip route 10.0.0.0 255.0.0.0 10.0.0.1", Self.ios)]
        #expect(ConfigTree.beginnings(of: both, rules: Self.ios) == ["ip"], "a part of another is in it")
    }

    @Test("the part that begins like a line, also negated, and all but that")
    func parts() throws {
        let whole = try tree("ip domain name a\nno ip domain lookup\nip routing\nntp server 10.0.0.6\n", Self.ios)
        #expect(whole.parts(["ip domain"], rules: Self.ios)[0].text == "ip domain name a\nno ip domain lookup\n")
        #expect(whole.without(["ip domain"], rules: Self.ios).text == "ip routing\nntp server 10.0.0.6\n")
        let paths = try tree(
            "set system host-name a\nset system ntp server 10.0.0.6\nset interfaces ge-0/0/0 mtu 1500\n", Self.junos)
        #expect(paths.parts(["system ntp"], rules: Self.junos)[0].text == "set system ntp server 10.0.0.6\n")
        #expect(paths.parts(["interfaces ge-0/0/1"], rules: Self.junos)[0].isEmpty)
        #expect(
            paths.without(["system ntp", "interfaces"], rules: Self.junos).text == "set system host-name a\n")
    }

    @Test("an entry takes the place of that with its number, one of a kind that of its kind, others stand beside")
    func holding() throws {
        let base = try tree(
            """
            hostname edge-1
            ip access-list extended EDGE
             10 permit ip any host 10.1.1.1
             20 deny ip any any
            ntp server 10.0.0.6
            """, Self.ios)
        let lines = try tree(
            """
            hostname edge-2
            ip access-list extended EDGE
             10 permit ip any host 10.1.1.2
             15 permit ip any host 10.1.1.3
            ntp server 10.0.0.7
            """, Self.ios)
        let made = try base.holding(lines, rules: Self.ios)
        #expect(
            made.canonical(rules: Self.ios).text == """
                hostname edge-2
                ip access-list extended EDGE
                 10 permit ip any host 10.1.1.2
                 15 permit ip any host 10.1.1.3
                 20 deny ip any any
                ntp server 10.0.0.6
                ntp server 10.0.0.7

                """)
        #expect(
            try made.holding(lines, rules: Self.ios).canonical(rules: Self.ios).text
                == made.canonical(rules: Self.ios).text)
    }

    @Test("a section that is taken away and written anew holds just what is written, in that order")
    func exactly() throws {
        let base = try tree("route-map OUT permit 10\n match ip address 1\n set metric 5\nip routing\n", Self.ios)
        let made = try base.lacking(tree("route-map OUT permit 10", Self.ios))
            .holding(tree("route-map OUT permit 10\n set metric 7", Self.ios), rules: Self.ios)
        #expect(made.canonical(rules: Self.ios).text == "ip routing\nroute-map OUT permit 10\n set metric 7\n")
        let commands = Remediation.commands(from: base, to: made, rules: Self.ios)
        #expect(!commands.contains { $0.hasPrefix("no route-map") }, "what stays is not taken away: \(commands)")
    }

    @Test("of paths goes what named only what is gone; of sections only what is named")
    func lacking() throws {
        let paths = try tree("set system ntp server 10.0.0.6\nset system host-name a\n", Self.junos)
        #expect(
            paths.lacking(try tree("set system ntp server 10.0.0.6", Self.junos)).text == "set system host-name a\n")
        #expect(paths.lacking(try tree("set system ntp server 10.0.0.9", Self.junos)).text == paths.text)
        let lines = try tree("interface Gi1\n shutdown\n", Self.ios)
        #expect(lines.lacking(try tree("interface Gi1\n shutdown", Self.ios)).text == "interface Gi1\n")
        #expect(lines.lacking(try tree("interface Gi1", Self.ios)).isEmpty)
    }

    @Test("siblings in one order, those whose order counts in theirs")
    func canonical() throws {
        let one = try tree(
            "vlan 10\nvlan 9\nip prefix-list P seq 10 permit 10.0.0.0/8\nip prefix-list P seq 5 deny 0.0.0.0/0\n",
            Self.ios)
        #expect(
            one.canonical(rules: Self.ios).text
                == "ip prefix-list P seq 5 deny 0.0.0.0/0\nip prefix-list P seq 10 permit 10.0.0.0/8\nvlan 9\nvlan 10\n"
        )
        let text =
            "set policy-options policy-statement P term b then accept\nset policy-options policy-statement P term a then reject\n"
        #expect(try tree(text, Self.junos).canonical(rules: Self.junos).text == text)
    }

    @Test(
        "Any lines in any configuration: once they are there they are no change, nothing else changes, and another order is none",
        arguments: ConfigDialect.builtIns.filter { $0.syntax.family != .menus }.map(\.name))
    func any(_ name: String) throws {
        let dialect = try #require(ConfigDialect.builtIn(named: name))
        let rules = DialectRules(dialect)
        let random = try RandomTree(dialect)
        var generator = SeededGenerator(seed: 20_261_128)
        var refused = 0
        for round in 0..<30 {
            var whole = random.make(&generator)
            let lines = random.make(&generator)
            // No device shows the first word of a path alone.
            if dialect.syntax.family == .paths { whole.nodes.removeAll(where: \.children.isEmpty) }
            let about = Comment(rawValue: "round \(round): into\n\(whole.text)the lines\n\(lines.text)")
            // Entries without a number, which no device shows, may stand for one that is wanted.
            guard let made = try? whole.holding(lines, rules: rules) else {
                refused += 1
                continue
            }
            let again = try made.holding(lines, rules: rules)
            let canonical = made.canonical(rules: rules)
            #expect(again.canonical(rules: rules).text == canonical.text, about)
            #expect(TreeDiff(from: made, to: canonical, rules: rules).text == "", about)
            let beginnings = ConfigTree.beginnings(of: [lines], rules: rules)
            let outside = TreeDiff(
                from: whole.without(beginnings, rules: rules), to: made.without(beginnings, rules: rules), rules: rules)
            #expect(outside.text == "", about)
        }
        #expect(refused < 10)
    }
}
