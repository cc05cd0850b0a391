import Foundation
import RolloutEngine

/// Finds and sets the shaping of an interface in the text of a configuration, by the rules of a platform. Pure.
///
/// Where a platform shapes through a named policy, a policy that only this interface uses belongs to its shaping. One that
/// others use as well is never changed: the interface gets one of its own, with all that the shared one has.
struct ShapingText: Sendable {
    private let rules: ShapingRules
    private let interface: String
    /// The part of the interface that is meant, where the platform has rates of units.
    private let unit: String?

    /// - Throws: `DriverError` with `.unsupported` for an interface without a unit where rates are those of units.
    init(_ rules: ShapingRules, interface: String) throws(DriverError) {
        self.rules = rules
        guard rules.lines.contains(where: { $0.contains { Placeholders.names(in: $0).contains("unit") } }) else {
            (self.interface, unit) = (interface, nil)
            return
        }
        let parts = interface.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber) else {
            throw DriverError.unsupported(
                "\(interface) does not say which unit is meant; name one, such as \(parts[0]).0")
        }
        (self.interface, unit) = (String(parts[0]), String(parts[1]))
    }

    /// What was found of an interface's shaping.
    struct Found: Hashable, Sendable {
        /// The lines that belong to it alone.
        var lines: [String]
        /// The lines of a policy that it shares with others.
        var shared: [String]
        /// What stands beside them and may not.
        var obstacles: [String] = []
        /// The rate, when there is one that can be read.
        var rate: BitsPerSecond?
        /// The rates of the classes that have one.
        var classRates: [String: BitsPerSecond] = [:]

        /// The section of this name.
        func section(named name: String) -> DeviceConfig.Section {
            let hint = obstacles.map { "beside " + $0 } + shared
            var section = DeviceConfig.Section(
                name: name, lines: lines, hint: hint.isEmpty ? nil : hint.joined(separator: "\n"), shapedRate: rate)
            section.classRates = classRates.isEmpty ? nil : classRates
            return section
        }

        /// What a section was made of.
        init(in section: DeviceConfig.Section) {
            let hint = (section.hint ?? "").split(separator: "\n").map(String.init)
            lines = section.lines
            shared = hint.filter { !$0.hasPrefix("beside ") }
            obstacles = hint.filter { $0.hasPrefix("beside ") }.map { String($0.dropFirst(7)) }
            rate = section.shapedRate
        }

        init(lines: [String], shared: [String], obstacles: [String] = [], rate: BitsPerSecond?) {
            self.lines = lines
            self.shared = shared
            self.obstacles = obstacles
            self.rate = rate
        }
    }

    // MARK: Reading

    /// The interface's shaping in the whole configuration.
    func find(in outline: ConfigOutline) throws(DriverError) -> Found {
        if let menu = MenuShaping(rules, interface: interface) { return menu.find(in: outline) }
        let policy = try policy(in: outline)
        let isShared = try policy.map { name throws(DriverError) in try users(of: name, in: outline) > 1 } ?? false
        var own: [ConfigOutline.Node] = []
        var shared: [ConfigOutline.Node] = []
        for path in rules.lines + rules.kept.map(Self.anything) {
            let nodes: [ConfigOutline.Node]
            if isOfPolicy(path) {
                guard let policy else { continue }
                // What hangs on the interface alone is read as a whole: nothing of it may get lost on the way back.
                let beginning = Self.beginning(path[0], policy: policy)
                nodes = outline.nodes.filter { Self.tail(of: $0.text, after: beginning) != nil }
                if isShared {
                    shared = Self.merged(shared, nodes)
                    continue
                }
            } else {
                nodes = try picked(path[...], from: outline.nodes, policy: policy)
            }
            own = Self.merged(own, nodes)
        }
        let rate = try rate(in: own + shared, policy: policy)
        var found = Found(
            lines: Self.lines(own), shared: Self.lines(shared), obstacles: try obstacles(in: outline, policy: policy),
            rate: rate)
        found.classRates = try classRates(in: own + shared, policy: policy)
        return found
    }

    /// The rates of the classes in a policy.
    private func classRates(in nodes: [ConfigOutline.Node], policy: String?) throws(DriverError)
        -> [String: BitsPerSecond]
    {
        guard rules.classPath.count == 3, let policy else { return [:] }
        let top = Placeholders.filled(rules.classPath[0]) { _ in policy }
        let kind = String(rules.classPath[1].prefix { $0 != "{" })
        let wanted = try expression(rules.classPath[2], policy: policy, isLast: true)
        var rates: [String: BitsPerSecond] = [:]
        for node in nodes where node.text == top {
            for section in node.children where section.text.hasPrefix(kind) {
                for line in section.children {
                    guard let match = wanted.firstMatch(in: line.text), let rate = rate(in: match) else { continue }
                    rates[String(section.text.dropFirst(kind.count))] = rate
                }
            }
        }
        return rates
    }

    /// What a line says in bits a second.
    private func rate(in match: LineExpression.Match) -> BitsPerSecond? {
        guard let number = match["rate"].flatMap(Double.init) else { return nil }
        let scale: Double =
            switch match["scale"]?.lowercased() {
            case "k": 1e3
            case "m": 1e6
            case "g": 1e9
            default: Double(rules.rateUnit)
            }
        return number * scale < 1e18 ? BitsPerSecond(UInt64((number * scale).rounded())) : nil
    }

    /// What stands where nothing may stand beside our lines, each with the lines it is in.
    private func obstacles(in outline: ConfigOutline, policy: String?) throws(DriverError) -> [String] {
        var found: [String] = []
        for path in rules.alone where policy != nil || !path.contains(where: { names("policy", in: $0) }) {
            var places = [(nodes: outline.nodes, above: "")]
            for (depth, step) in path.enumerated() {
                let isLast = depth == path.count - 1
                let wanted = try expression(step, policy: policy, isLast: false)
                let beginning = Placeholders.filled(step) { name in
                    name == "interface" ? interface : name == "unit" ? unit : name == "policy" ? policy : nil
                }
                // Lines of our own may stand there: those that the rules say at the same place.
                var own: [LineExpression] = []
                if isLast {
                    for rule in rules.lines where rule.count > depth && Array(rule[..<depth]) == Array(path[..<depth]) {
                        own.append(try expression(rule[depth], policy: policy, isLast: rule.count == path.count))
                    }
                }
                var below: [(nodes: [ConfigOutline.Node], above: String)] = []
                for place in places {
                    for node in place.nodes {
                        let text = place.above + node.text
                        if !isLast {
                            if wanted.isFound(in: node.text) { below.append((node.children, text + " / ")) }
                        } else if Self.tail(of: node.text, after: beginning) != nil {
                            if !own.contains(where: { $0.isFound(in: node.text) }) {
                                found.append(text)
                            } else if rules.lines.contains(where: { $0.count == path.count }),
                                let inner = node.children.first,
                                !rules.lines.contains(where: {
                                    $0.count > path.count && Array($0[..<depth]) == Array(path[..<depth])
                                })
                            {
                                found.append(text + " / " + inner.text)
                            }
                        }
                    }
                }
                places = below
            }
        }
        return found
    }

    /// The nodes on a path, with nothing beside it.
    private func picked(_ path: ArraySlice<String>, from nodes: [ConfigOutline.Node], policy: String?)
        throws(DriverError) -> [ConfigOutline.Node]
    {
        guard let first = path.first else { return [] }
        // Also a line that says a rate in a way that is not known: it must not get lost on the way back.
        let wanted = path.count == 1 ? try stem(first, policy: policy) : try section(first, policy: policy)
        var found: [ConfigOutline.Node] = []
        for node in nodes where wanted.isFound(in: node.text) {
            if path.count == 1 {
                found.append(node)
            } else {
                let children = try picked(path.dropFirst(), from: node.children, policy: policy)
                // An interface is there whether it is shaped or not: it must not go with its shaping.
                if !children.isEmpty || names("interface", in: first) {
                    found.append(ConfigOutline.Node(text: node.text, children: children))
                }
            }
        }
        return found
    }

    private func policy(in outline: ConfigOutline) throws(DriverError) -> String? {
        for path in rules.lines where saysPolicy(path) {
            guard let leaf = try leaves(path[...], outline.nodes, interface: interface).first else { continue }
            return leaf.policy
        }
        return nil
    }

    /// How many interfaces go through a policy, and what else does.
    private func users(of policy: String, in outline: ConfigOutline) throws(DriverError) -> Int {
        var places: Set<String> = []
        for path in rules.lines.filter(saysPolicy).prefix(1) + rules.users {
            for use in try leaves(path[...], outline.nodes, interface: nil) where use.policy == policy {
                places.insert(use.place)
            }
        }
        return places.count
    }

    /// The names of policies at the end of a path, of one interface or of all, and the lines that say so.
    private func leaves(_ path: ArraySlice<String>, _ nodes: [ConfigOutline.Node], interface: String?)
        throws(DriverError) -> [(policy: String, place: String)]
    {
        guard let first = path.first else { return [] }
        let wanted = try Self.expression(
            first, interface: interface, unit: interface == nil ? nil : unit, policy: nil, isLast: path.count == 1)
        var found: [(policy: String, place: String)] = []
        for node in nodes {
            guard let match = wanted.firstMatch(in: node.text) else { continue }
            if path.count == 1, let policy = match["policy"] { found.append((policy, node.text)) }
            found += try leaves(path.dropFirst(), node.children, interface: interface).map {
                ($0.policy, node.text + "\n" + $0.place)
            }
        }
        return found
    }

    private func rate(in nodes: [ConfigOutline.Node], policy: String?) throws(DriverError) -> BitsPerSecond? {
        for path in rules.lines where names("rate", in: path[path.count - 1]) {
            let wanted = try expression(path[path.count - 1], policy: policy, isLast: true)
            for leaf in try picked(path[...], from: nodes, policy: policy).flatMap(Self.leaves) {
                if let match = wanted.firstMatch(in: leaf), let rate = rate(in: match) { return rate }
            }
        }
        return nil
    }

    // MARK: Setting

    /// The lines that shape the interface to a rate, made of those that do now.
    ///
    /// - Throws: `DriverError` with `.unsupported` for a rate that the platform cannot be told.
    func shaped(_ found: Found, to rate: BitsPerSecond, burst: ByteCount) throws(DriverError) -> [String] {
        try check(rate)
        if let obstacle = found.obstacles.first {
            throw DriverError.unsupported(
                "\(interface) has '\(obstacle)', beside which a rate would not be what it is held to; take that away first"
            )
        }
        if let menu = MenuShaping(rules, interface: interface) {
            return try readBack(ConfigOutline(try menu.shaped(found, to: rate)), as: rate)
        }
        var nodes = ConfigOutline(found.lines).nodes
        var policy = try self.policy(in: ConfigOutline(found.lines))
        if rules.policy != nil, policy == nil || !found.shared.isEmpty {
            // Not every platform takes more in a name than letters, digits, - and _. Each its own: Gi1/1 is not Gi1.1.
            let own = Placeholders.filled(rules.policy ?? "") { name in
                name == "unit" ? unit : interface.replacing("/", with: "-").replacing(".", with: "_")
            }
            if let policy {
                // All that the shared policy has, under a name of its own.
                for path in rules.lines where isOfPolicy(path) {
                    let renamed = Self.beginning(path[0], policy: own)
                    let beginning = Self.beginning(path[0], policy: policy)
                    if nodes.contains(where: { Self.tail(of: $0.text, after: renamed) != nil }) { continue }
                    nodes =
                        ConfigOutline(found.shared).nodes.compactMap { node in
                            Self.tail(of: node.text, after: beginning).map {
                                ConfigOutline.Node(text: renamed + $0, children: node.children)
                            }
                        } + nodes
                }
            }
            policy = own
        }
        let values = [
            "interface": interface, "unit": unit ?? "", "policy": policy ?? "",
            "rate": String(rate.value / rules.rateUnit),
            // Never less than was asked for: a bucket that is too small keeps the shaper below its rate.
            "burst": String((burst.value * 8 + rules.burstUnit - 1) / rules.burstUnit),
        ]
        for path in rules.lines {
            nodes = try set(path[...], in: nodes, values, policy: isOfPolicy(path) ? policy : nil)
        }
        for path in rules.kept {
            nodes = try set(path[...], in: nodes, values, policy: isOfPolicy(path) ? policy : nil, isKept: true)
        }
        return try readBack(ConfigOutline(nodes: nodes), as: rate)
    }

    /// In the order in which they are read back.
    ///
    /// - Throws: `DriverError` with `.unsupported` when another rate would be read than was written.
    private func readBack(_ outline: ConfigOutline, as rate: BitsPerSecond) throws(DriverError) -> [String] {
        let found = try find(in: outline)
        guard found.rate == rate else {
            throw DriverError.unsupported(
                "\(interface) would be read as held to \(found.rate.map { "\($0)" } ?? "no rate") where \(rate) was written"
            )
        }
        return found.lines
    }

    /// The lines that shape a class inside the interface's policy to a rate, made of those that do now.
    ///
    /// A class is changed where it exists. It is never made: what leads traffic into it is not ours to write.
    ///
    /// - Throws: `DriverError` with `.unsupported` where there is no such class, or the platform cannot be told.
    func shaped(_ found: Found, class name: String, to rate: BitsPerSecond, burst: ByteCount) throws(DriverError)
        -> [String]
    {
        guard rules.classPath.count > 1, name.allSatisfy({ $0.isASCII && !" {}".contains($0) }) else {
            throw DriverError.unsupported("only whole interfaces are shaped, not a class of one")
        }
        guard let policy = try policy(in: ConfigOutline(found.lines)) else {
            throw DriverError.unsupported("\(interface) has no policy, and so no class \(name)")
        }
        let path = rules.classPath.map { step in
            Placeholders.filled(step) { $0 == "class" ? name : $0 == "policy" ? policy : nil }
        }
        let held = ConfigOutline(found.lines + found.shared).nodes
        let inside = held.first { $0.text == path[0] }?.children ?? []
        guard inside.contains(where: { $0.text == path[1] }) else {
            let kind = path[1].split(separator: " ").dropLast().joined(separator: " ") + " "
            let known = inside.filter { $0.text.hasPrefix(kind) }.map { String($0.text.dropFirst(kind.count)) }
            throw DriverError.unsupported(
                "there is no class \(name) in \(policy) of \(interface), only \(known.joined(separator: ", "))")
        }
        var inner = rules
        // The class in the place of the one that takes what no other takes.
        inner.lines =
            [rules.classPath.map { step in Placeholders.filled(step) { $0 == "class" ? name : nil } }]
            + rules.lines.filter(saysPolicy)
        return try ShapingText(inner, interface: interface).shaped(found, to: rate, burst: burst)
    }

    private func check(_ rate: BitsPerSecond) throws(DriverError) {
        guard rate.value % rules.rateUnit == 0, rate > .zero else {
            throw DriverError.unsupported("\(rate) is no whole number of \(BitsPerSecond(rules.rateUnit))")
        }
        if let least = rules.least, rate < least { throw DriverError.unsupported("\(rate) is less than \(least)") }
        if let most = rules.most, rate > most { throw DriverError.unsupported("\(rate) is more than \(most)") }
    }

    private func set(
        _ path: ArraySlice<String>, in nodes: [ConfigOutline.Node], _ values: [String: String], policy: String?,
        isKept: Bool = false
    ) throws(DriverError) -> [ConfigOutline.Node] {
        guard let first = path.first else { return nodes }
        var nodes = nodes
        if isKept, path.count == 1 {
            let wanted = try expression(Self.anything([first])[0], policy: policy, isLast: true)
            if nodes.contains(where: { wanted.isFound(in: $0.text) }) { return nodes }
        }
        let wanted = try expression(first, policy: policy, isLast: path.count == 1)
        let text = Placeholders.filled(first) { values[$0] }
        var index = nodes.firstIndex { wanted.isFound(in: $0.text) }
        if path.count == 1 {
            let stem = try stem(first, policy: policy)
            if index == nil, let other = nodes.first(where: { stem.isFound(in: $0.text) }) {
                throw DriverError.unsupported(
                    "\(interface) has '\(other.text)', which this tool cannot put back in other words")
            }
            if let index { nodes[index].text = text } else { nodes.append(ConfigOutline.Node(text: text)) }
            return nodes
        }
        if index == nil {
            index = nodes.count
            nodes.append(ConfigOutline.Node(text: text))
        }
        if let index {
            nodes[index].children = try set(
                path.dropFirst(), in: nodes[index].children, values, policy: policy, isKept: isKept)
        }
        return nodes
    }

    // MARK: Expressions

    private func names(_ name: String, in text: String) -> Bool { Placeholders.names(in: text).contains(name) }

    /// Whether a path leads to what a policy has, not to an interface that goes through it.
    private func isOfPolicy(_ path: [String]) -> Bool {
        names("policy", in: path[0]) && !names("interface", in: path[0])
    }

    /// Whether a path says through which policy an interface goes.
    private func saysPolicy(_ path: [String]) -> Bool {
        names("policy", in: path[path.count - 1]) && path.contains { names("interface", in: $0) }
    }

    /// What the lines of a policy begin with: all up to its name. Where paths are written out, that is not the whole line.
    private static func beginning(_ text: String, policy: String) -> String {
        let end = text.range(of: "{policy}")?.upperBound ?? text.endIndex
        return Placeholders.filled(String(text[..<end])) { $0 == "policy" ? policy : nil }
    }

    /// What a line says after whole words; nil when it begins otherwise.
    private static func tail(of line: String, after beginning: String) -> Substring? {
        guard line.hasPrefix(beginning) else { return nil }
        let tail = line.dropFirst(beginning.count)
        return tail.isEmpty || tail.hasPrefix(" ") ? tail : nil
    }

    /// A path with anything in the place of its last word.
    private static func anything(_ path: [String]) -> [String] {
        guard let last = path.last else { return path }
        return path.dropLast() + [last.split(separator: " ").dropLast().joined(separator: " ") + " {any}"]
    }

    private func expression(_ text: String, policy: String?, isLast: Bool) throws(DriverError) -> LineExpression {
        try Self.expression(text, interface: interface, unit: unit, policy: policy, isLast: isLast)
    }

    /// What a line has to be. Every line of a configuration is held against it, and most of a rule is known word for word: an
    /// expression is compiled only where it is not.
    private enum Wanted {
        case whole(String)
        case beginning(String)
        /// The whole, or with the bursts that a device shows behind it.
        case perhapsWithBursts(String)
        case matching(LineExpression)

        func isFound(in line: String) -> Bool {
            switch self {
            case .whole(let text): return line == text
            case .beginning(let text): return line.hasPrefix(text)
            case .perhapsWithBursts(let text):
                guard let tail = ShapingText.tail(of: line, after: text)?.dropFirst() else { return false }
                return line == text || tail.utf8.first.map { (0x30...0x39).contains($0) } ?? false
                    || tail.hasPrefix("cbs ") || tail.hasPrefix("burst")
            case .matching(let expression): return expression.isFound(in: line)
            }
        }
    }

    /// A rule's text with its names filled in; nil when something in it is not known.
    private func known(_ text: String, policy: String?) -> String? {
        let names = Placeholders.names(in: text)
        guard names.allSatisfy({ $0 == "interface" || $0 == "unit" || $0 == "policy" && policy != nil }) else {
            return nil
        }
        return Placeholders.filled(text) { $0 == "interface" ? interface : $0 == "unit" ? unit : policy }
    }

    /// Matches a line of a rule that others stand below.
    private func section(_ text: String, policy: String?) throws(DriverError) -> Wanted {
        if let known = known(text, policy: policy) { return .whole(known) }
        return .matching(try expression(text, policy: policy, isLast: false))
    }

    /// Matches a line of a rule up to its rate, or to a number before it; the whole line when it has none.
    private func stem(_ text: String, policy: String?) throws(DriverError) -> Wanted {
        guard let rate = text.range(of: "{rate}") else {
            if let known = known(text, policy: policy) { return .perhapsWithBursts(known) }
            return .matching(try expression(text, policy: policy, isLast: true))
        }
        let before = String(text[..<rate.lowerBound])
        let number = Self.number.firstMatch(in: before)?.range.lowerBound
        let said = number.map { String(decoding: before.utf8.prefix($0 + 1), as: UTF8.self) } ?? before
        if let known = known(said, policy: policy) { return .beginning(known) }
        let beginning = try expression(said, policy: policy, isLast: false).text
        do throws(LineExpression.Mistake) {
            return .matching(try LineExpression(String(beginning.dropLast())))
        } catch {
            throw DriverError.unsupported("the shaping rule '\(text)' \(error)")
        }
    }

    private static let number = {
        do { return try LineExpression(" [0-9]+ ") } catch { preconditionFailure("\(error)") }
    }()

    /// Matches a line of a rule; what is not given matches anything.
    private static func expression(_ text: String, interface: String?, unit: String?, policy: String?, isLast: Bool)
        throws(DriverError) -> LineExpression
    {
        var pattern = "^"
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if rest[open...close] == "{burst}" {
                // A device whose burst was never set shows none.
                let after = rest[rest.index(after: close)...]
                let hasUnit = after.hasPrefix(" bytes")
                pattern += "(?:\(escaped(rest[..<open]))\\S+\(hasUnit ? "(?: [kmg]?bytes)?" : ""))?"
                rest = after.dropFirst(hasUnit ? 6 : 0)
                continue
            }
            pattern += escaped(rest[..<open])
            switch rest[rest.index(after: open)..<close] {
            case "interface": pattern += interface.map { escaped($0[...]) } ?? "\\S+"
            case "unit": pattern += unit.map { escaped($0[...]) } ?? "\\S+"
            case "policy": pattern += policy.map { escaped($0[...]) } ?? "(?<policy>\\S+)"
            case "rate":
                // A device may show another unit than the one that is written.
                pattern += "(?<rate>[0-9.]+) ?(?<scale>[kmgKMG]?)(?:bps|bit)?"
                let after = rest[rest.index(after: close)...]
                if let unit = [" bps", " kbps", " mbps", " gbps", "bit"].first(where: { after.hasPrefix($0) }) {
                    rest = after.dropFirst(unit.count)
                    continue
                }
            default: pattern += "\\S+"
            }
            rest = rest[rest.index(after: close)...]
        }
        // Behind a rate a device may show the bursts that it made of it.
        pattern += escaped(rest) + (isLast ? "(?: (?:[0-9]|cbs |burst).*)?$" : "$")
        do throws(LineExpression.Mistake) {
            return try LineExpression(pattern)
        } catch {
            throw DriverError.unsupported("the shaping rule '\(text)' \(error)")
        }
    }

    private static func escaped(_ text: Substring) -> String {
        text.map { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" ? "\($0)" : "\\\($0)" }.joined()
    }

    // MARK: Nodes

    private static func lines(_ nodes: [ConfigOutline.Node]) -> [String] { ConfigOutline(nodes: nodes).lines }

    private static func leaves(_ node: ConfigOutline.Node) -> [String] {
        node.children.isEmpty ? [node.text] : node.children.flatMap(leaves)
    }

    /// Two paths below one section are one section.
    private static func merged(_ left: [ConfigOutline.Node], _ right: [ConfigOutline.Node]) -> [ConfigOutline.Node] {
        var result = left
        for node in right {
            if let index = result.firstIndex(where: { $0.text == node.text }) {
                result[index].children = merged(result[index].children, node.children)
            } else {
                result.append(node)
            }
        }
        return result
    }
}
