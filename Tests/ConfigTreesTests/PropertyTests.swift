import Foundation
import Testing

@testable import ConfigTrees

@Suite("Any configuration leads to any other")
struct PropertyTests {
    /// How many pairs of trees are tried for each platform; more for a longer look.
    private static let rounds = ProcessInfo.processInfo.environment["TREE_ROUNDS"].flatMap(Int.init) ?? 15

    @Test(
        "Commands lead to the other tree, are none the second time, and lead back",
        arguments: ConfigDialect.builtIns.map(\.name))
    func leads(_ name: String) throws {
        let dialect = try dialect(name)
        let random = try RandomTree(dialect)
        var generator = SeededGenerator(seed: 20_261_126)
        for round in 0..<Self.rounds {
            let old = random.make(&generator)
            let new = random.make(&generator)
            let commands = try lead(old, to: new, dialect, "round \(round) from\n\(old.text)to\n\(new.text)")
            try lead(new, to: old, dialect, "round \(round) back from\n\(new.text)to\n\(old.text)")
            if dialect.syntax.family == .indented { expectSectionsAreLeft(commands, dialect) }
        }
    }

    @Test("What is printed is read as the same", arguments: ConfigDialect.builtIns.map(\.name))
    func prints(_ name: String) throws {
        let dialect = try dialect(name)
        let random = try RandomTree(dialect)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<Self.rounds {
            let tree = random.make(&generator)
            let again = try ConfigTree(parsing: tree.text, syntax: dialect.syntax)
            #expect(again.text == tree.text)
            #expect(TreeDiff(from: tree, to: again, dialect: dialect).text == "")
        }
    }

    /// Holds that behind the lines of a section, what leaves it comes before anything else but a section of its kind.
    private func expectSectionsAreLeft(_ commands: [String], _ dialect: ConfigDialect) {
        let exits = Set(dialect.sectionExits.map(\.text) + [dialect.sectionExit])
        let rules = DialectRules(dialect)
        func kind(_ section: String) -> Int? { rules.adjoining.match(section.words, in: [])?.index }
        var section = ""
        var depth = 0
        // Lines of a text are no commands, and a policy of IOS-XR is a program.
        var end: String?
        for command in commands {
            let words = command.split(separator: " ")
            if let last = end {
                if command.hasSuffix(last) { end = nil }
                continue
            }
            switch words.first {
            case "banner": end = words.count > 2 ? String(words[2].prefix(2)) : "EOF"
            case "certificate": end = "quit"
            case "route-policy" where command.first != " " && dialect.name == "cisco_iosxr": end = "end-policy"
            default: break
            }
            if end != nil { continue }
            let indent = command.prefix { $0 == " " }.count
            let text = command.dropFirst(indent)
            if indent < depth {
                let isLeft =
                    exits.contains(String(text))
                    || indent == 0 && kind(command) != nil && kind(command) == kind(section)
                #expect(isLeft, "'\(text)' in\n\(commands.joined(separator: "\n"))")
                #expect(indent == depth - 1)
            }
            if indent == 0 { section = command }
            depth = indent
        }
    }
}
