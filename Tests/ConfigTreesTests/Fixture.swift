import ConfigTrees
import Testing

/// A device's configuration, what it should become, and what an engineer would type.
struct Fixture: Sendable, CustomTestStringConvertible {
    let platform: String
    let what: String
    let running: String
    let intended: String
    let commands: String

    init(_ platform: String, _ what: String, running: String, intended: String, commands: String) {
        self.platform = platform
        self.what = what
        self.running = running
        self.intended = intended
        self.commands = commands
    }

    var testDescription: String { "\(platform): \(what)" }

    static let all = ios + iosxe + nxos + iosxr + eos + junos + vyos + vrp + routerOS + others + campus + campus
}

/// A dialect that has to be there.
func dialect(_ name: String) throws -> ConfigDialect {
    try #require(ConfigDialect.builtIn(named: name), "no dialect \(name)")
}

/// Leads one tree to another and holds the way to its promises.
///
/// - Returns: The commands.
@discardableResult
func lead(
    _ old: ConfigTree, to new: ConfigTree, _ dialect: ConfigDialect, _ note: @autoclosure () -> String = ""
) throws -> [String] {
    let commands = Remediation.commands(from: old, to: new, dialect: dialect)
    let applied = try old.applying(commands, dialect: dialect)
    let rest = TreeDiff(from: applied, to: new, dialect: dialect)
    let isThere = rest.isEmpty
    #expect(isThere, "\(note()) after\n\(commands.joined(separator: "\n"))\nthere is still\n\(rest.text)")
    let again = Remediation.commands(from: applied, to: new, dialect: dialect)
    #expect(again.isEmpty, "\(note()) a second time: \(again)")
    #expect(Remediation.commands(from: new, to: new, dialect: dialect).isEmpty)
    #expect(commands.isEmpty == TreeDiff(from: old, to: new, dialect: dialect).isEmpty)
    return commands
}

@Suite("Remediation fixtures")
struct FixtureTests {
    @Test("Leads to what is intended with the commands that an engineer would type, and back", arguments: Fixture.all)
    func leads(_ fixture: Fixture) throws {
        let dialect = try dialect(fixture.platform)
        let running = try ConfigTree(parsing: fixture.running, syntax: dialect.syntax)
        let intended = try ConfigTree(parsing: fixture.intended, syntax: dialect.syntax)
        let commands = try lead(running, to: intended, dialect)
        #expect(commands.joined(separator: "\n") == fixture.commands)
        try lead(intended, to: running, dialect, "back:")
    }

    @Test("What is read and printed is read as the same", arguments: Fixture.all)
    func prints(_ fixture: Fixture) throws {
        let dialect = try dialect(fixture.platform)
        for text in [fixture.running, fixture.intended] {
            let tree = try ConfigTree(parsing: text, syntax: dialect.syntax)
            #expect(try ConfigTree(parsing: tree.text, syntax: dialect.syntax) == tree)
        }
    }
}
