import Foundation
import RolloutEngine

/// Finds and sets the shaping of an interface in the text of a configuration, by the rules of a platform. Pure.
///
/// Where a platform shapes through a named policy, a policy that only this interface uses belongs to its shaping. One that
/// others use as well is never changed: the interface gets one of its own, with all that the shared one has.
struct ShapingText: Sendable {
    let rules: ShapingRules
    let interface: String
    /// The part of the interface that is meant, where the platform has rates of units.
    let unit: String?
    /// What the interface is in, where the rules ask for it: `ies 100 interface cust`.
    private(set) var service: String?

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

    // MARK: Reading

    /// The interface's shaping in the whole configuration.
    func find(in outline: ConfigOutline) throws(DriverError) -> Found {
        if let menu = MenuShaping(rules, interface: interface) { return menu.find(in: outline) }
        var text = self
        text.service = try servicePlace(in: outline)
        return try text.findLines(in: outline)
    }

    /// What lies between the beginning and the end of what the rules say of a service.
    private func servicePlace(in outline: ConfigOutline) throws(DriverError) -> String? {
        guard let rule = rules.service, let name = rule.range(of: "{service}") else { return nil }
        let beginning = rule[..<name.lowerBound]
        let end = Placeholders.filled(String(rule[name.upperBound...])) { $0 == "interface" ? interface : nil }
        var found: Set<String> = []
        for node in outline.nodes where node.text.hasPrefix(beginning) {
            let rest = node.text.dropFirst(beginning.count) + " "
            guard let place = rest.range(of: end + " ") else { continue }
            found.insert(String(rest[..<place.lowerBound]))
        }
        guard found.count < 2 else {
            throw DriverError.unsupported(
                "\(interface) is in several services: \(found.sorted().joined(separator: ", "))")
        }
        return found.first
    }

    /// The same, once it is known what the interface is in.
    private func findLines(in outline: ConfigOutline) throws(DriverError) -> Found {
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
        found.service = service
        found.classRates = try classRates(in: own + shared, policy: policy)
        return found
    }

    /// What a line says in bits a second.
    func rate(in match: LineExpression.Match) -> BitsPerSecond? {
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

    /// The nodes on a path, with nothing beside it.
    func picked(_ path: ArraySlice<String>, from nodes: [ConfigOutline.Node], policy: String?)
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

    func policy(in outline: ConfigOutline) throws(DriverError) -> String? {
        for path in rules.lines where saysPolicy(path) {
            guard let leaf = try leaves(path[...], outline.nodes, interface: interface).first else { continue }
            return leaf.policy
        }
        return nil
    }

    /// How many interfaces go through a policy, and what else does.
    func users(of policy: String, in outline: ConfigOutline) throws(DriverError) -> Int {
        var places: Set<String> = []
        for path in rules.lines.filter(saysPolicy).prefix(1) + rules.users {
            for use in try leaves(path[...], outline.nodes, interface: nil) where use.policy == policy {
                places.insert(use.place)
            }
        }
        return places.count
    }

    /// The names of policies at the end of a path, of one interface or of all, and the lines that say so.
    func leaves(_ path: ArraySlice<String>, _ nodes: [ConfigOutline.Node], interface: String?)
        throws(DriverError) -> [(policy: String, place: String)]
    {
        guard let first = path.first else { return [] }
        let wanted = try Self.expression(
            first, interface: interface, unit: interface == nil ? nil : unit,
            service: interface == nil ? nil : service, policy: nil, isLast: path.count == 1)
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

    func rate(in nodes: [ConfigOutline.Node], policy: String?) throws(DriverError) -> BitsPerSecond? {
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
        if let menu = MenuShaping(rules, interface: interface) { return try menu.shaped(found, to: rate) }
        if rules.service != nil, found.service == nil {
            throw DriverError.unsupported("there is no \(interface) in any service; make it first")
        }
        var text = self
        text.service = found.service
        return try text.lines(of: found, to: rate, burst: burst)
    }

    /// The same, once it is known what the interface is in.
    private func lines(of found: Found, to rate: BitsPerSecond, burst: ByteCount) throws(DriverError) -> [String] {
        var nodes = ConfigOutline(found.lines).nodes
        var policy = try self.policy(in: ConfigOutline(found.lines))
        if rules.policy != nil, policy == nil || !found.shared.isEmpty {
            let own = Placeholders.filled(rules.policy ?? "") { name in
                name == "unit" ? unit : Self.named(interface)
            }
            if let policy {
                // All that the shared policy has, under a name of its own.
                for path in rules.lines where isOfPolicy(path) {
                    let renamed = Self.beginning(path[0], policy: own)
                    let beginning = Self.beginning(path[0], policy: policy)
                    if nodes.contains(where: { Self.tail(of: $0.text, after: renamed) != nil }) { continue }
                    nodes =
                        ConfigOutline(found.shared).nodes.compactMap { node in
                            guard let tail = Self.tail(of: node.text, after: beginning),
                                !rules.uncopied.contains(where: {
                                    Self.tail(of: String(tail.dropFirst()), after: $0) != nil
                                })
                            else { return nil }
                            return ConfigOutline.Node(text: renamed + tail, children: node.children)
                        } + nodes
                }
            }
            policy = own
        }
        let values = [
            "interface": interface, "unit": unit ?? "", "service": found.service ?? "", "policy": policy ?? "",
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
        return try ordered(nodes, policy: policy)
    }

    /// In the order in which they are read back.
    func ordered(_ nodes: [ConfigOutline.Node], policy: String?) throws(DriverError) -> [String] {
        var outline = ConfigOutline()
        outline.nodes = nodes
        return try findLines(in: outline).lines
    }

    /// An interface's name as part of a policy's.
    static func named(_ interface: String) -> String {
        String(interface.map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : "-" })
    }

    func check(_ rate: BitsPerSecond) throws(DriverError) {
        guard rate.value % rules.rateUnit == 0, rate > .zero else {
            throw DriverError.unsupported("\(rate) is no whole number of \(BitsPerSecond(rules.rateUnit))")
        }
        if let least = rules.least, rate < least { throw DriverError.unsupported("\(rate) is less than \(least)") }
        if let most = rules.most, rate > most { throw DriverError.unsupported("\(rate) is more than \(most)") }
    }

    func set(
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

    // MARK: Nodes

    static func lines(_ nodes: [ConfigOutline.Node]) -> [String] {
        var outline = ConfigOutline()
        outline.nodes = nodes
        return outline.lines
    }

    static func leaves(_ node: ConfigOutline.Node) -> [String] {
        node.children.isEmpty ? [node.text] : node.children.flatMap(leaves)
    }

    /// Two paths below one section are one section.
    static func merged(_ left: [ConfigOutline.Node], _ right: [ConfigOutline.Node]) -> [ConfigOutline.Node] {
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
