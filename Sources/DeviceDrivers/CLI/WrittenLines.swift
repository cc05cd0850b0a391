import ConfigTrees
import RolloutEngine

/// Lines that should be in a configuration, and lines that should not, as somebody wrote them in the platform's language. Pure.
struct WrittenLines: Sendable {
    private let present: ConfigTree
    private let absent: ConfigTree
    private let platform: String
    private let rules: DialectRules

    /// - Throws: `DriverError` with `.unsupported` for what is no configuration of the platform, what a device would carry out
    ///   and not keep, and what it would show otherwise than it was typed.
    init(present: String, absent: String, _ definition: PlatformDefinition, _ rules: DialectRules) throws(DriverError) {
        let platform = definition.summary
        guard rules.dialect.syntax.family != .menus else {
            throw DriverError.unsupported("\(platform): lines are not written to menus yet; shape and police are")
        }
        func read(_ text: String, _ key: String) throws(DriverError) -> ConfigTree {
            if let line = text.split(whereSeparator: \.isNewline).first(where: Self.isRisky) {
                throw DriverError.unsupported(
                    "\(platform): under \(key) '\(line)' holds a '?', a tab or a control character, which a command line acts"
                        + " upon before the line is whole")
            }
            do throws(ConfigTreeError) {
                return try ConfigTree(parsing: text, rules: rules)
            } catch {
                throw DriverError.unsupported(
                    "\(platform): what stands under \(key) is no configuration as the device shows it: \(error)")
            }
        }
        self.platform = platform
        self.rules = rules
        self.present = try read(present, "template")
        self.absent = try read(absent, "absent")
        for (tree, key) in [(self.present, "template"), (self.absent, "absent")] {
            for path in tree.lines { try check(path, key, definition) }
        }
        if self.present.isEmpty, self.absent.isEmpty {
            throw DriverError.unsupported("\(platform): the lines of the change hold nothing but comments")
        }
    }

    private func check(_ path: [String], _ key: String, _ definition: PlatformDefinition) throws(DriverError) {
        guard let line = path.last else { return }
        func refuse(_ what: String) -> DriverError {
            DriverError.unsupported("\(platform): under \(key) '\(line.prefix(200))' \(what)")
        }
        let (syntax, negation) = (rules.dialect.syntax, rules.dialect.negation + " ")
        let isCommand = ["set ", "delete ", "/"].contains(where: line.hasPrefix)
        if syntax.family == .paths, isCommand {
            throw refuse("is no line as the device shows them: there they begin with '\(syntax.setPrefix)'")
        }
        if line.contains("\n") { throw refuse("goes over several lines; only whole lines are written") }
        if key == "absent", syntax.family == .indented, line.hasPrefix(negation) {
            throw refuse("takes another line away: under absent, write the line itself")
        }
        // On platforms of paths every line begins with what sets it.
        if syntax.family == .indented, let verb = line.split(separator: " ").first?.lowercased(),
            Self.everywhere.contains(verb) || path.count == 1 && Self.outermost.contains(verb)
        {
            throw refuse("is carried out at once, and no part of a configuration")
        }
        if DeviceReader.normalised([line], definition).first?.contains(DeviceReader.kept) == true {
            throw refuse(
                "holds a secret, which devices show otherwise than it was typed: it could neither be compared nor put back"
            )
        }
    }

    /// What should not be there, and what should.
    var trees: [ConfigTree] { [absent, present] }

    /// A configuration with these lines in it, and without the others.
    func applied(to tree: ConfigTree) throws(DriverError) -> ConfigTree {
        let made: ConfigTree
        do throws(ConfigTreeError) {
            made = try tree.lacking(absent).holding(present, rules: rules)
        } catch {
            throw DriverError.unsupported("\(platform): a device would refuse the lines of the change: \(error)")
        }
        // A negation is a line like others where the device shows it. Where it only took something away, it would be sent again
        // and again.
        let shown = Set(made.lines)
        for path in present.lines where rules.dialect.syntax.family == .indented {
            guard let line = path.last, line.hasPrefix(rules.dialect.negation + " "), !shown.contains(path) else {
                continue
            }
            let bare = line.dropFirst(rules.dialect.negation.count + 1)
            throw DriverError.unsupported(
                "\(platform): '\(line)' only takes a line away, and is not shown afterwards: write '\(bare)' under absent"
            )
        }
        return made
    }

    /// A line that differs between two configurations and sets a rate, or what an interface is shaped or policed by.
    static func rate(from old: ConfigTree, to new: ConfigTree, _ definition: PlatformDefinition) -> String? {
        let phrases = phrases(of: definition)
        let (before, after) = (Set(old.lines), Set(new.lines))
        let changed = old.lines.filter { !after.contains($0) } + new.lines.filter { !before.contains($0) }
        return changed.compactMap(\.last).first { line in
            let words = line.split(separator: " ").map(String.init)
            return phrases.contains { words.firstRange(of: $0) != nil }
        }
    }

    /// The words that stand before rates and names of policies in what shapes and polices.
    private static func phrases(of definition: PlatformDefinition) -> Set<[String]> {
        var phrases: Set<[String]> = []
        for rules in definition.shaping + definition.policing {
            for path in rules.lines + rules.users + [rules.classPath] {
                var phrase: [String] = []
                for word in path.last?.split(separator: " ").map(String.init) ?? [] {
                    if !word.contains("{") {
                        phrase.append(word)
                        continue
                    }
                    let isRate = Placeholders.holds("rate", in: word) || Placeholders.holds("policy", in: word)
                    if isRate, !phrase.isEmpty { phrases.insert(phrase) }
                    // What stands for a direction belongs to the words before it.
                    if !Placeholders.holds("direction", in: word) { phrase = [] }
                }
            }
        }
        return phrases
    }

    private static func isRisky(_ line: Substring) -> Bool {
        line.unicodeScalars.contains { $0 == "?" || $0.value < 0x20 && $0 != "\r" || $0.value == 0x7f }
    }

    /// What command lines carry out where configuration is typed, on one platform or another.
    private static let everywhere: Set<String> = [
        "do", "end", "abort", "commit", "reload", "reboot", "write", "copy", "erase", "bash", "return", "quit", "exit",
        "default",
    ]
    /// The same, where words mean that only outside of all sections.
    private static let outermost: Set<String> = [
        "run", "clear", "configure", "checkpoint", "debug", "delete", "format", "guestshell", "install", "load", "move",
        "ping", "request", "reset", "rollback", "save", "show", "ssh", "start", "tclsh", "telnet", "test", "traceroute",
        "undebug",
    ]
}
