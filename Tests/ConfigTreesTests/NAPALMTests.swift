import Testing

@testable import ConfigTrees

private let napalm = Oracle(name: "napalm", script: "napalm_diff.py")

/// What differs between configurations, as NAPALM says it, which works that out from texts alone: fixtures both ways.
///
/// Left out: texts of several lines, of which it takes each for a line of its own.
@Suite(
    "Held against NAPALM", .serialized,
    .enabled(if: napalm.isInstalled, "needs napalm: scripts/install-oracles"))
struct NAPALMTests {
    /// Of our platforms those that it reads as trees.
    private static let platforms = ["cisco_ios", "cisco_nxos", "arista_eos"]

    private struct Question: Encodable {
        let platform: String
        let running: String
        let candidate: String
    }

    @Test("it finds missing what we find missing, and nothing once our commands were obeyed", arguments: platforms)
    func agree(_ platform: String) throws {
        let dialect = try dialect(platform)
        var pairs: [(old: ConfigTree, new: ConfigTree, after: ConfigTree)] = []
        for fixture in Fixture.all where fixture.platform == platform {
            let texts = [fixture.running, fixture.intended]
            for (old, new) in [(texts[0], texts[1]), (texts[1], texts[0])] {
                let (old, new) = (
                    try ConfigTree(parsing: old, syntax: dialect.syntax).ofSingleLines,
                    try ConfigTree(parsing: new, syntax: dialect.syntax).ofSingleLines
                )
                let commands = Remediation.commands(from: old, to: new, dialect: dialect)
                pairs.append((old, new, try old.applying(commands, dialect: dialect)))
            }
        }
        let questions = pairs.flatMap { pair in
            [(pair.old, pair.new), (pair.after, pair.new), (pair.new, pair.after)].map {
                Question(platform: platform, running: $0.0.text, candidate: $0.1.text)
            }
        }
        let answers: [String] = try napalm.answers(to: questions)
        try #require(answers.count == questions.count && !pairs.isEmpty)
        let rules = DialectRules(dialect)
        for (index, pair) in pairs.enumerated() {
            let note = "from\n\(pair.old.text)to\n\(pair.new.text)"
            let theirs = try paths(answers[3 * index], dialect)
            let ours = Self.added(TreeDiff(from: pair.old, to: pair.new, dialect: dialect).text)
            let before = try paths(pair.old.text, dialect)
            // It knows no lists and no order.
            let unexplained =
                theirs.subtracting(ours).filter { !rules.isList($0) }
                + ours.subtracting(theirs).filter { !rules.isList($0) && !(rules.isOrdered($0) && before.contains($0)) }
            #expect(unexplained == [], "\(note)")
            // And nothing of what a device does not show because it holds anyway.
            let left = try [1, 2].flatMap { try paths(answers[3 * index + $0], dialect) }
            #expect(left.filter { !rules.isList($0) && !rules.isDefault($0) } == [], "after our commands, \(note)")
        }
    }

    /// The lines of a text that nothing stands below, each with those around it.
    private func paths(_ text: String, _ dialect: ConfigDialect) throws -> Set<[String]> {
        func leaves(_ node: ConfigNode) -> [[String]] {
            node.children.isEmpty ? [[node.text]] : node.children.flatMap(leaves).map { [node.text] + $0 }
        }
        return Set(try ConfigTree(parsing: text, syntax: dialect.syntax).nodes.flatMap(leaves))
    }

    /// The lines with a plus that nothing stands below.
    private static func added(_ diff: String) -> Set<[String]> {
        var path: [String] = []
        var found: [[String]] = []
        for line in diff.split(separator: "\n") {
            let text = line.dropFirst().drop { $0 == " " }
            path = path.prefix((line.count - 1 - text.count) / 2) + [String(text)]
            guard line.first == "+" else { continue }
            if let last = found.last, path.starts(with: last) { found.removeLast() }
            found.append(path)
        }
        return Set(found)
    }
}

extension DialectRules {
    private func isAny(of index: PatternIndex, _ path: [String]) -> Bool {
        let words = path.map(\.words)
        return words.indices.contains { index.matches(words[$0], in: Array(words[..<$0])) }
    }

    /// Whether a line is a list of which each entry stands for itself.
    fileprivate func isList(_ path: [String]) -> Bool { path.count == 1 && isAny(of: expanded, path) }
    fileprivate func isOrdered(_ path: [String]) -> Bool { isAny(of: ordered, path) }
    fileprivate func isDefault(_ path: [String]) -> Bool { isAny(of: defaults, path) }
}
