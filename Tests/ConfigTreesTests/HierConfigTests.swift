import Testing

@testable import ConfigTrees

/// What we say and what hier_config says for the same pairs of configurations: fixtures both ways, and trees from a seed.
///
/// Left out, because hier_config cannot take them: texts of several lines (it takes banners back with all their lines, which a device
/// would take for commands), what has no effect on Junos, and policies of IOS-XR cut into pieces.
@Suite(
    "Held against hier_config", .serialized,
    .enabled(if: HierConfig.isInstalled, "needs hier-config: scripts/install-oracles"))
struct HierConfigTests {
    private static let rounds = 40

    @Test(
        "Where both say different commands, or its commands lead elsewhere, there is a reason with a name",
        arguments: HierConfig.platforms.keys.sorted())
    func agree(_ name: String) throws {
        let dialect = try dialect(name)
        let pairs = try Pairs(dialect).make(Self.rounds)
        let platform = try #require(HierConfig.platforms[name])
        let answers = try HierConfig.answers(
            to: pairs.map { .init(platform: platform, running: $0.running.text, intended: $0.intended.text) })
        try #require(answers.count == pairs.count)
        for ((running, intended), answer) in zip(pairs, answers) {
            try lead(running, to: intended, dialect)
            guard case .commands(let commands) = answer else {
                Issue.record("\(answer)")
                continue
            }
            let comparison = try HierConfigComparison(dialect, from: running, to: intended, theirs: commands)
            let unexplained =
                comparison.differences.filter { $0.reason == nil }
                .map { "only \($0.isOurs ? "we say" : "hier_config says") '\($0.line)'" }
                + comparison.leftovers.filter { $0.reason == nil }
                .map { "hier_config's commands lead elsewhere: \($0.what)" }
            #expect(unexplained.isEmpty, "from\n\(running.text)to\n\(intended.text)it says\n\(commands)")
        }
    }
}

/// Pairs of configurations of a platform that hier_config can take.
private struct Pairs {
    private let dialect: ConfigDialect
    private let rules: DialectRules
    private let fixtures: [(running: ConfigTree, intended: ConfigTree)]
    /// Sections that are said as a whole, as the fixtures have them.
    private var wholes: [String: [[ConfigNode]]] = [:]

    init(_ dialect: ConfigDialect) throws {
        self.dialect = dialect
        rules = DialectRules(dialect)
        fixtures = try Fixture.all
            .filter { $0.platform == dialect.name }
            .map {
                (
                    Self.active(try ConfigTree(parsing: $0.running, syntax: dialect.syntax).flattened),
                    Self.active(try ConfigTree(parsing: $0.intended, syntax: dialect.syntax).flattened)
                )
            }
        for node in fixtures.flatMap({ $0.running.nodes + $0.intended.nodes })
        where rules.rewritten.matches(node.words, in: []) {
            wholes[node.text, default: []].append(node.children)
        }
    }

    func make(_ rounds: Int) throws -> [(running: ConfigTree, intended: ConfigTree)] {
        var generator = SeededGenerator(seed: 20_261_127)
        let random = try RandomTree(dialect)
        let texts = fixtures.map { $0.running.text + $0.intended.text } + [RandomTree.more[dialect.name] ?? ""]
        let lines = Set(texts.joined().split(separator: "\n").map(String.init)).sorted()
        func tree() throws -> ConfigTree {
            guard dialect.syntax.family == .paths else { return random.make(&generator) }
            // Some lines, each taking the place of what it replaces.
            let share = Int.random(in: 2...9, using: &generator)
            let chosen = lines.shuffled(using: &generator).filter { _ in
                Int.random(in: 0..<10, using: &generator) < share
            }
            return try ConfigTree(nodes: [], syntax: dialect.syntax, isFlat: true).applying(chosen, dialect: dialect)
        }
        let made = try (0..<rounds).map { _ in (running: try tree(), intended: try tree()) }
        return (fixtures + fixtures.map { ($0.intended, $0.running) } + made).map {
            (plain($0.running), plain($0.intended))
        }
    }

    private func plain(_ tree: ConfigTree) -> ConfigTree {
        var tree = tree
        // The lines of banners that other platforms of the family write otherwise are no lines here.
        tree.nodes = tree.ofSingleLines.nodes.filter {
            !$0.text.hasPrefix("banner") && !["^C", "a", "b"].contains($0.text)
        }
        for index in tree.nodes.indices where !tree.nodes[index].children.isEmpty {
            guard let known = wholes[tree.nodes[index].text] else { continue }
            tree.nodes[index].children = known[tree.nodes[index].children.count % known.count]
        }
        return tree
    }

    private static func active(_ tree: ConfigTree) -> ConfigTree {
        func active(_ nodes: [ConfigNode]) -> [ConfigNode] {
            nodes.map { ConfigNode(text: $0.text, children: active($0.children), isJoined: $0.isJoined) }
        }
        return ConfigTree(nodes: active(tree.nodes), syntax: tree.syntax, isFlat: tree.isFlat)
    }
}
