import Testing

@testable import ConfigTrees

/// A part of a configuration in the place of another.
@Suite struct ReplacingTests {
    private func tree(_ lines: [String]) throws -> ConfigTree {
        try ConfigTree(parsing: lines.joined(separator: "\n"), syntax: ConfigDialect.juniperJunos.syntax)
    }

    private let others = [
        "set system host-name edge-1", "set class-of-service interfaces ge-0/0/1 shaping-rate 50m",
    ]

    @Test func onlyThePartGoes() throws {
        let part = ["set class-of-service interfaces ge-0/0/0 shaping-rate 1g"]
        let running = try tree(others + part)
        let without = running.replacing(try tree(part), by: try tree([]))
        #expect(without.text == others.map { $0 + "\n" }.joined())
        let commands = Remediation.commands(from: running, to: without, dialect: .juniperJunos)
        #expect(commands == ["delete class-of-service interfaces ge-0/0/0"])
        #expect(without.replacing(try tree([]), by: try tree(part)) == running)
    }

    @Test func whatStandsBeneathAWordThatWasAlsoALeafStays() throws {
        let running = try tree(["set interfaces ge-0/0/0 unit 0 family inet"])
        #expect(running.replacing(try tree(["set interfaces ge-0/0/0"]), by: try tree([])) == running)
    }

    @Test func whatStandsInTheSameSectionStays() throws {
        func tree(_ lines: [String]) throws -> ConfigTree {
            try ConfigTree(parsing: lines.joined(separator: "\n"), syntax: ConfigDialect.aristaEOS.syntax)
        }
        let part = try tree(["traffic-policies", "   traffic-policy OURS"])
        let running = try tree(
            ["traffic-policies", "   traffic-policy THEIRS", "   traffic-policy OURS", "interface Ethernet1"])
        let alike = running.beginning(like: [part])
        #expect(alike.nodes.map(\.text) == ["traffic-policies"])
        let commands = Remediation.commands(
            from: alike, to: alike.replacing(part, by: try tree([])), dialect: .aristaEOS)
        #expect(commands.first == "traffic-policies" && commands.contains(" no traffic-policy OURS"), "\(commands)")
        #expect(!commands.contains { $0.contains("THEIRS") || $0.hasPrefix("no ") })
    }

    @Test func aConfigurationInBracesIsTheSameAsPaths() throws {
        let braces = try ConfigTree(
            parsing: "system { host-name edge-1; }", syntax: ConfigDialect.juniperJunos.syntax)
        #expect(braces.flattened.text == "set system host-name edge-1\n")
    }
}
