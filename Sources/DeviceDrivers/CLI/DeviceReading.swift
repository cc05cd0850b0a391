import ConfigTrees
import RolloutEngine

/// What one session read of a device: who it is, its whole configuration, the part in scope, a pending timer.
struct DeviceReading: Sendable {
    /// What the engine is told.
    var observation: Observation
    /// The whole running configuration.
    var running: ConfigTree
    /// The lines of it, as they were shown.
    var lines: [String]
    /// The pending timer.
    var timer: PendingTimer?
    /// Who changed the configuration last, when the device says.
    var changedBy: String?
}

/// A revert timer that a device says is pending.
struct PendingTimer: Hashable, Sendable {
    /// Nil where the device says of none whose it is.
    var who: String?
    var remaining: Timespan?
    /// When it comes by the device's clock, where that is what the device says.
    var due: DeviceClock?

    /// Whose it is, for a person.
    var name: String { who ?? "somebody" }
}

/// Turns what commands printed into what the driver compares. Pure.
struct DeviceReader: Sendable {
    private let kept: KeptDefinition
    private var definition: PlatformDefinition { _read { yield kept.value } }
    private let rules: DialectRules
    private var dialect: ConfigDialect { _read { yield rules.dialect } }

    /// - Throws: `DriverError` with `.unsupported` when the definition names a dialect that is not there.
    init(_ kept: KeptDefinition) throws(DriverError) {
        let definition = kept.value
        guard let dialect = ConfigDialect.builtIn(named: definition.dialect) else {
            throw DriverError(
                .unsupported,
                "\(definition.place): dialect '\(definition.dialect)' is not known; there are "
                    + ConfigDialect.builtIns.map(\.name).joined(separator: ", "), effect: .none)
        }
        self.kept = kept
        rules = DialectRules(dialect)
    }

    /// A configuration as it is compared: normalised, without what says nothing.
    ///
    /// - Throws: `DriverError` with `.garbledOutput` when it is none.
    func tree(_ lines: [String], effect: DriverError.Effect) throws(DriverError) -> ConfigTree {
        do throws(ConfigTreeError) {
            return try ConfigTree(parsing: Self.normalised(lines, definition).joined(separator: "\n"), rules: rules)
        } catch {
            throw DriverError(.garbledOutput, "its configuration cannot be read: \(error)", effect: effect)
        }
    }

    /// The sections in scope.
    func sections(_ scope: ConfigScope, of tree: ConfigTree) throws(DriverError) -> DeviceConfig {
        let outline = scope.allInterfaces.isEmpty ? ConfigOutline(nodes: []) : Self.outline(tree)
        var config = DeviceConfig(sections: [])
        if let path = scope.files.first {
            throw DriverError.unsupported(
                "\(definition.summary): files such as \(path) are not written over a command line")
        }
        for interface in scope.interfaces {
            let ways = try ShapingWays(shapingOf: definition)
            let found = try ways.text(of: interface, in: outline).find(in: outline)
            config.sections.append(found.section(named: "shaping \(interface)"))
        }
        for traffic in scope.policed ?? [] {
            let ways = try ShapingWays(policing: traffic.direction, of: definition)
            let found = try ways.text(of: traffic.interface, in: outline).find(in: outline)
            config.sections.append(found.section(named: traffic.section))
        }
        config.sections += sections(scope.lines ?? [], of: tree)
        return config
    }

    /// For each beginning the section of all outermost lines that begin like it.
    private func sections(_ beginnings: [String], of tree: ConfigTree) -> [DeviceConfig.Section] {
        zip(beginnings, tree.parts(beginnings, rules: rules)).map { beginning, part in
            .init(name: DeviceConfig.lines(beginning), lines: Self.outline(part.canonical(rules: rules)).lines)
        }
    }

    /// Lines that a change wants to be there, or not to be there.
    func written(present: String, absent: String) throws(DriverError) -> WrittenLines {
        try WrittenLines(present: present, absent: absent, definition, rules)
    }

    /// Beginnings of the outermost lines that these may change.
    func beginnings(of written: [WrittenLines]) -> [String] {
        ConfigTree.beginnings(of: written.flatMap(\.trees), rules: rules)
    }

    /// A configuration in scope with lines in it, and without others.
    ///
    /// - Throws: `DriverError` with `.unsupported` when that cannot be said, or would change a rate: what links have to bear is
    ///   worked out from what is shaped and policed.
    func writing(_ written: [WrittenLines], into config: DeviceConfig) throws(DriverError) -> DeviceConfig {
        let before = try tree(of: config)
        var after = before
        for lines in written { after = try lines.applied(to: after) }
        if let line = WrittenLines.rate(from: before, to: after, definition) {
            throw DriverError.unsupported(
                "\(definition.summary): '\(line)' says to what something is shaped or policed, and lines may not change that: the load"
                    + " on links could not be predicted. Say it under shape or police")
        }
        var config = config
        config.sections = sections(ConfigScope(of: config).lines ?? [], of: after)
        guard let outside = difference(from: after, to: try tree(of: config)) else { return config }
        throw DriverError.unsupported("\(definition.summary): the lines would change others beside them:\n\(outside)")
    }

    /// The lines that differ between two configurations, and are in no section of a scope.
    ///
    /// - Returns: Nil when there are none, or when the scope is not one of lines.
    func difference(outside scope: ConfigScope, from old: ConfigTree, to new: ConfigTree) -> String? {
        guard let beginnings = scope.lines else { return nil }
        return difference(
            from: old.without(beginnings, rules: rules), to: new.without(beginnings, rules: rules))
    }

    /// The lines of configurations as one tree, to be compared with others.
    func tree(of config: DeviceConfig) throws(DriverError) -> ConfigTree {
        try tree(config.sections.flatMap(\.lines), effect: .none)
    }

    /// The commands from one configuration in scope to another, indented by their sections.
    ///
    /// - Parameter running: The whole configuration that the first is a part of: what else begins like it must not go with it.
    func commands(from old: DeviceConfig, to new: DeviceConfig, in running: ConfigTree? = nil) throws(DriverError)
        -> [String]
    {
        let (before, after) = (try tree(of: old), try tree(of: new))
        guard let running, dialect.syntax.family != .menus else {
            return Remediation.commands(from: before, to: after, rules: rules)
        }
        let whole = running.beginning(like: [before, after])
        return Remediation.commands(from: whole, to: whole.replacing(before, by: after), rules: rules)
    }

    /// What the device should hold after commands.
    func applying(_ commands: [String], to running: ConfigTree) throws(DriverError) -> ConfigTree {
        do {
            return try running.applying(commands, rules: rules)
        } catch {
            throw DriverError(.unsupported, "what the change would do cannot be foretold: \(error)", effect: .none)
        }
    }

    /// What differs between two whole configurations; nil when nothing does.
    func difference(from expected: ConfigTree, to found: ConfigTree) -> String? {
        let difference = TreeDiff(from: expected, to: found, rules: rules)
        return difference.isEmpty ? nil : difference.text
    }

    /// The first value that is found in an answer.
    static func value(_ finding: PlatformDefinition.Finding, in lines: [String]) -> String? {
        for line in lines {
            if let value = finding.find.firstMatch(in: line)?["value"] { return value }
        }
        return nil
    }

    /// The timer that an answer tells of.
    func timer(in lines: [String]) -> PendingTimer? {
        guard let rules = definition.revertTimer else { return nil }
        guard
            let index = lines.indices.first(where: { rules.pending.isFound(in: lines[$0]) && !isSpent(lines, at: $0) }),
            let pending = rules.pending.firstMatch(in: lines[index])
        else { return nil }
        // What another entry of a list says is not said of this one; what this one says may stand before.
        let start = rules.entry.flatMap { entry in lines[...index].lastIndex { entry.isFound(in: $0) } } ?? index
        let rest = lines[start..<index] + below(index, in: lines, rules)
        func search(_ expression: LineExpression?, _ group: String) -> String? {
            guard let expression else { return nil }
            for line in rest { if let value = expression.firstMatch(in: line)?[group] { return value } }
            return nil
        }
        let who = pending["who"] ?? search(rules.who, "who") ?? (rules.namesWho ? "somebody" : nil)
        let remaining = pending["remaining"] ?? search(rules.remaining, "remaining")
        return PendingTimer(
            who: who, remaining: remaining.flatMap { Self.span($0, unit: rules.remainingUnit) },
            due: rules.job?.due.flatMap { DeviceClock([$0], in: [lines[index]] + rest) })
    }

    /// The marks of jobs that ran already.
    func spentTimers(in lines: [String]) -> [String] {
        lines.indices.filter { isSpent(lines, at: $0) }.compactMap {
            definition.revertTimer?.pending.firstMatch(in: lines[$0])?["who"]
        }
    }

    private func isSpent(_ lines: [String], at index: Int) -> Bool {
        guard let rules = definition.revertTimer, let spent = rules.job?.spent else { return false }
        return below(index, in: lines, rules).contains { spent.isFound(in: $0) }
    }

    /// The lines of an entry below one of it.
    private func below(_ index: Int, in lines: [String], _ rules: PlatformDefinition.RevertTimer) -> ArraySlice<String>
    {
        lines[(index + 1)...].prefix { line in !(rules.entry.map { $0.isFound(in: line) } ?? false) }
    }

    /// `00:04:59`, `5mins`, `300 sec`, `4min 59s`, `4 minutes and 59 seconds`, `5`.
    static func span(_ text: String, unit: Timespan) -> Timespan? {
        let parts = text.split(separator: ":").map { Int64($0) }
        if parts.count > 1 {
            guard parts.count <= 3, parts.allSatisfy({ $0 ?? -1 >= 0 }) else { return nil }
            return .seconds(parts.compactMap { $0 }.reduce(0) { $0 * 60 + min($1, 1_000_000) })
        }
        var span: Timespan?
        var rest = text[...]
        // Days, hours, minutes, seconds: whatever else there were would be no length of time.
        for _ in 0..<4 where rest.first?.isNumber == true {
            let digits = rest.prefix { $0.isNumber }
            guard let number = Int64(digits), number < 10_000_000 else { return nil }
            rest = rest.dropFirst(digits.count).drop { $0 == " " }
            let word = rest.prefix { $0.isLetter }.lowercased()
            rest = rest.dropFirst(word.count).drop { $0 == " " }
            if rest.hasPrefix("and ") { rest = rest.dropFirst(4) }
            let part: Timespan =
                switch word.first {
                case "s": .seconds(number)
                case "m" where word == "ms": .milliseconds(number)
                case "m": .minutes(number)
                case "h": .minutes(number * 60)
                default: unit * number
                }
            span = (span ?? .zero) + part
        }
        return span
    }

    /// What definitions write in the place of a secret, which a device shows otherwise each time.
    static let kept = "(kept)"

    /// Lines without what says nothing, or differs each time.
    static func normalised(_ lines: [String], _ definition: PlatformDefinition) -> [String] {
        lines.compactMap { line in
            var line = line
            for rule in definition.normalisation {
                switch rule {
                case .drop(let expression): if expression.isFound(in: line) { return nil }
                case .replace(let expression, let text):
                    guard let match = expression.firstMatch(in: line) else { continue }
                    let bytes = Array(line.utf8)
                    line =
                        String(decoding: bytes[..<match.range.lowerBound], as: UTF8.self) + text
                        + String(decoding: bytes[match.range.upperBound...], as: UTF8.self)
                }
            }
            return line
        }
    }

    static func outline(_ tree: ConfigTree) -> ConfigOutline {
        ConfigOutline(tree.flattened.text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) })
    }
}
