@testable import ConfigTrees

/// Why two programs say different commands for the same two configurations. What has no reason is a mistake of one of them.
enum HierConfigReason: String {
    /// We say the new line, which takes the place of the old one; hier_config takes that back first.
    case takesThePlace = "the new line takes the place of the old one"
    /// We take a line back in fewer words or others: `no description`, `default interface ...`.
    case otherWords = "taken back in other words"
    /// We take back the section, group or path as a whole; hier_config takes back line by line what stands in it, and leaves an
    /// entry without values, or says the opposite of what went with the whole.
    case asAWhole = "taken back as a whole"
    /// We say again what a change beside it takes away, or what would stand in the wrong order; hier_config does not know of it.
    case saidAgain = "said again, for a change beside it took it away or out of its order"
    /// We take back what cannot be overwritten, such as an entry with a number; hier_config overwrites it.
    case inTheWay = "taken back first, for it cannot be overwritten"
    /// We change entries of a list, hier_config takes the whole list back and says another one.
    case entries = "entries of a list"
    /// What holds anyway need not be said; hier_config even says its opposite when it is no longer mentioned.
    case usual = "what holds anyway"
    /// hier_config numbers the entries of lists in its own way, and passes remarks over.
    case numbers = "numbers of entries"
    /// hier_config takes all addresses of an interface for one, and does not take an address away before another interface gets it.
    case addresses = "addresses of an interface"
    /// We take back line by line what is in a port, hier_config the port, which is there by itself.
    case ofAPort = "a port cannot be taken back, only what is in it"
    /// hier_config says nothing of what comes into a policy or a set that is there and empty.
    case wasEmpty = "came into what was empty"
}

/// Two ways from one configuration to another: what only one of them says, what the other's leaves undone, and why.
struct HierConfigComparison {
    /// A command in its sections.
    struct Line: Hashable, Comparable, CustomStringConvertible {
        var parents: [String]
        var text: String

        var description: String { (parents + [text]).joined(separator: " > ") }
        var above: [[Substring]] { parents.map(\.words) }
        var words: [Substring] { text.words }

        static func < (a: Line, b: Line) -> Bool { a.description < b.description }
    }

    private let rules: DialectRules
    private let running: ConfigTree
    private let intended: ConfigTree
    private let commands: [String]
    private let ours: Set<Line>
    private let theirs: Set<Line>
    private let before: Set<Line>
    private let after: Set<Line>

    private var isOfPaths: Bool { rules.dialect.syntax.family == .paths }

    init(_ dialect: ConfigDialect, from running: ConfigTree, to intended: ConfigTree, theirs: [String]) throws {
        rules = DialectRules(dialect)
        (self.running, self.intended, commands) = (running, intended, theirs)
        ours = try Self.lines(Remediation.commands(from: running, to: intended, dialect: dialect), dialect)
        self.theirs = try Self.lines(theirs, dialect)
        before = Self.all(running.nodes, [])
        after = Self.all(intended.nodes, [])
    }

    /// The commands that only one says, each with the reason; nil where there is none.
    var differences: [(line: Line, isOurs: Bool, reason: HierConfigReason?)] {
        ours.subtracting(theirs).sorted().map { ($0, true, isOfPaths ? pathReason($0, theirs) : reasonForOurs($0)) }
            + theirs.subtracting(ours).sorted().map {
                ($0, false, isOfPaths ? pathReason($0, ours) : reasonForTheirs($0))
            }
    }

    /// What is not as intended once hier_config's commands are applied to our model, each with the reason.
    var leftovers: [(what: String, reason: HierConfigReason?)] {
        let applied: ConfigTree
        do throws(ConfigTreeError) {
            applied = try running.applying(commands, dialect: rules.dialect)
        } catch {
            // The model refuses what a device would: that is a difference already.
            let isInTheWay = differences.contains { [.inTheWay, .numbers].contains($0.reason) }
            return [("refused: \(error)", isInTheWay ? .inTheWay : nil)]
        }
        var found: [(String, HierConfigReason?)] = []
        walk(TreeDiff(from: applied, to: intended, dialect: rules.dialect).level, []) { parents, edit in
            found.append(("\((parents).joined(separator: " > ")): \(edit)", reason(for: edit, in: parents)))
        }
        return found
    }

    private func walk(_ level: Level, _ parents: [String], _ body: ([String], Edit) -> Void) {
        for edit in level.edits {
            if case .within(let node, let level) = edit {
                walk(level, parents + [node.text], body)
            } else {
                body(parents, edit)
            }
        }
    }

    private static func lines(_ commands: [String], _ dialect: ConfigDialect) throws -> Set<Line> {
        if isOfPaths(dialect) {
            return Set(
                try commands.enumerated().map { index, text in
                    let command = try PathCommand(text, line: index + 1, syntax: dialect.syntax)
                    return Line(parents: [], text: command.text(dialect.syntax))
                })
        }
        let read = try IndentedReader(syntax: dialect.syntax).read(commands.joined(separator: "\n"))
        return all(read, [], leavesOnly: true)
    }

    private static func isOfPaths(_ dialect: ConfigDialect) -> Bool { dialect.syntax.family == .paths }

    private static func all(_ nodes: [ConfigNode], _ parents: [String], leavesOnly: Bool = false) -> Set<Line> {
        nodes.reduce(into: []) { found, node in
            if !leavesOnly || node.children.isEmpty { found.insert(Line(parents: parents, text: node.text)) }
            found.formUnion(all(node.children, parents + [node.text], leavesOnly: leavesOnly))
        }
    }

    // MARK: Commands that only one says

    private func reasonForTheirs(_ line: Line) -> HierConfigReason? {
        if let reason = common(line) { return reason }
        guard let positive = rules.negated(line.text) else { return nil }
        let target = Line(parents: line.parents, text: positive)
        if let cover = ours.first(where: { isTakenBack(target, by: $0) }) {
            return cover.parents == line.parents && !rules.groups.matches(target.words, in: line.above)
                ? .otherWords : .asAWhole
        }
        let slot = slot(target)
        let isReplaced = ours.contains { other in
            other.parents == line.parents && rules.negated(other.text) == nil && self.slot(other) == slot
        }
        return isReplaced ? .takesThePlace : nil
    }

    private func reasonForOurs(_ line: Line) -> HierConfigReason? {
        if let reason = common(line) { return reason }
        let covered = theirs.filter { other in
            rules.negated(other.text).map { isTakenBack(Line(parents: other.parents, text: $0), by: line) } ?? false
        }
        if let first = covered.first {
            return covered.count == 1 && first.parents == line.parents ? .otherWords : .asAWhole
        }
        guard let positive = rules.negated(line.text) else {
            return before.contains(line) && after.contains(line) ? .saidAgain : nil
        }
        let gone = before.filter { $0.parents == line.parents && $0.words.starts(with: positive.words) }
        if gone.contains(where: after.contains) { return .saidAgain }
        if gone.contains(where: { rules.unique.matches($0.words, in: $0.above) }) { return .addresses }
        let isOverwritten = gone.contains { old in
            theirs.contains { $0.parents == line.parents && $0.text != old.text && slot($0) == slot(old) }
        }
        return isOverwritten ? .inTheWay : nil
    }

    private func common(_ line: Line) -> HierConfigReason? {
        let positive = Line(parents: line.parents, text: rules.negated(line.text) ?? line.text)
        if rules.continued.matches(positive.words, in: line.above) || isOfList(positive) { return .entries }
        if isUsual(line) { return .usual }
        if isOfGonePort(positive) { return .ofAPort }
        if line.above.last?.contains("access-list") == true { return .numbers }
        return isOfEmpty(line) ? .wasEmpty : nil
    }

    private func isUsual(_ line: Line) -> Bool {
        if rules.lasting.matches(line.words, in: line.above), after.contains(line) { return true }
        return [line.text, rules.opposite(line.text)].contains { rules.defaults.matches($0.words, in: line.above) }
    }

    /// Whether it is a section that is there by itself, or stands in one, of which nothing is left.
    private func isOfGonePort(_ line: Line) -> Bool {
        let path = line.parents + [line.text]
        return path.indices.contains { index in
            let section = Line(parents: Array(path[..<index]), text: path[index])
            return rules.lasting.matches(section.words, in: section.above) && !after.contains(section)
        }
    }

    /// Whether it is a list of entries, or stands in an entry of one.
    private func isOfList(_ line: Line) -> Bool {
        let path = line.above + [line.words]
        return path.indices.contains { rules.expanded.matches(path[$0], in: Array(path[..<$0])) }
    }

    /// Whether it stands in a section that is said as a whole, and that is there and empty.
    private func isOfEmpty(_ line: Line) -> Bool {
        guard let section = line.parents.first, rules.rewritten.matches(section.words, in: []) else { return false }
        return before.contains(Line(parents: [], text: section)) && !before.contains { $0.parents.first == section }
    }

    /// Whether a command takes a line back.
    private func isTakenBack(_ line: Line, by command: Line) -> Bool {
        if command.text == "default \(line.text)", command.parents == line.parents { return true }
        let depth = command.parents.count
        guard let target = rules.negated(command.text)?.words, line.parents.starts(with: command.parents) else {
            return false
        }
        if command.parents == line.parents { return line.words.starts(with: target) }
        if line.parents[depth].words.starts(with: target) { return true }
        return rules.groups.match(target, in: command.above)?.match.count == target.count
            && line.words.starts(with: target)
    }

    private func slot(_ line: Line) -> DialectRules.Slot { rules.slot(of: ConfigNode(text: line.text), in: line.above) }

    private func isOrdered(_ line: Line) -> Bool { rules.ordered.matches(line.words, in: line.above) }

    /// What the change of a line beside it takes away.
    private var takenAway: PatternIndex { PatternIndex(rules.dialect.resets.flatMap(\.takesAway)) }

    // MARK: Paths

    private func pathReason(_ line: Line, _ others: Set<Line>) -> HierConfigReason? {
        let said = others.compactMap { try? PathCommand($0.text, line: 0, syntax: rules.dialect.syntax) }
        switch try? PathCommand(line.text, line: 0, syntax: rules.dialect.syntax) {
        case .insert: return .saidAgain
        case .set(let path): return isKept(path) ? .saidAgain : nil
        case .delete(let path):
            if isKept(path) { return .saidAgain }
            for case .delete(let other) in said where other.starts(with: path) || path.starts(with: other) {
                return .asAWhole
            }
            for case .set(let other) in said where other.count == path.count && other.starts(with: path.dropLast()) {
                return .takesThePlace
            }
            return nil
        default: return nil
        }
    }

    private func isKept(_ path: [String]) -> Bool {
        guard let last = path.last else { return false }
        let line = Line(parents: path.dropLast(), text: last)
        return before.contains(line) && after.contains(line)
    }

    // MARK: What is left

    private func reason(for edit: Edit, in parents: [String]) -> HierConfigReason? {
        func line(_ node: ConfigNode) -> Line { Line(parents: parents, text: node.text) }
        switch edit {
        case .move: return .saidAgain
        case .remove(let node) where isOfGonePort(Line(parents: parents, text: rules.negated(node.text) ?? node.text)):
            return .ofAPort
        case .add(let node):
            let line = line(node)
            if isOfList(line) { return .entries }
            let isKept = before.contains(line) && after.contains(line)
            let isLost = theirs.contains(line) && takenAway.matches(line.words, in: line.above)
            return isKept || isLost || isOrdered(line) ? .saidAgain : nil
        case .remove(let node) where isOfPaths:
            // Nothing in it is a value that was there.
            let ends = Self.all([node], parents, leavesOnly: true)
            let wereSections = ends.allSatisfy { end in before.contains { $0.parents == end.parents + [end.text] } }
            return wereSections ? .asAWhole : isOrdered(line(node)) ? .saidAgain : nil
        case .remove(let node):
            let line = line(node)
            if let reason = common(line) { return reason }
            if isOrdered(line) { return .saidAgain }
            if rules.unique.matches(line.words, in: line.above) { return .addresses }
            return theirs.contains(line) ? reasonForTheirs(line) : nil
        case .replace(_, let node), .exchange(_, let node), .rewrite(_, let node):
            let inside = Line(parents: parents + [node.text], text: "")
            return common(line(node)) ?? (isOfEmpty(inside) ? .wasEmpty : nil)
        default: return nil
        }
    }
}
