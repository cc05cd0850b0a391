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
    /// What the interface is part of, where that has to be said with it.
    let service: String?

    /// - Parameter service: What the interface is part of, for rules that say within what they are.
    /// - Throws: `DriverError` with `.unsupported` for an interface without a unit where rates are those of units, and for one that
    ///   is part of nothing where it has to be.
    init(_ rules: ShapingRules, interface: String, service: String? = nil) throws(DriverError) {
        guard service != nil || !rules.holds("service") else {
            throw DriverError.unsupported("\(interface) does not say what it is part of")
        }
        self.rules = service.map { rules.filled("service", with: $0) } ?? rules
        self.service = service
        guard rules.holds("unit") else {
            (self.interface, unit) = (interface, nil)
            return
        }
        guard let (whole, unit) = Self.parts(of: interface) else {
            let name = interface.prefix { $0 != "." }
            throw DriverError.unsupported("\(interface) does not say which unit is meant; name one, such as \(name).0")
        }
        (self.interface, self.unit) = (whole, unit)
    }

    /// The line that it is part of, if there is one.
    func place(in outline: ConfigOutline) -> String? {
        guard let within = rules.within else { return nil }
        let place = Placeholders.filled(within) { name in
            switch name {
            case "interface": interface
            case "unit": unit
            case "service": service
            default: nil
            }
        }
        return outline.nodes.contains { Self.tail(of: $0.text, after: place) != nil } ? place : nil
    }

    /// An interface and its unit: `ge-0/0/0.100`.
    static func parts(of interface: String) -> (whole: String, unit: String)? {
        let parts = interface.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber) else {
            return nil
        }
        return (String(parts[0]), String(parts[1]))
    }

    /// What was found of an interface's shaping.
    struct Found: Hashable, Sendable {
        /// The lines that belong to it alone.
        var lines: [String]
        /// The lines of a policy that it shares with others.
        var shared: [String]
        /// What stands beside them and may not.
        var obstacles: [String] = []
        /// What its policy does not say and must.
        var gaps: [String] = []
        /// The rate, when there is one that can be read.
        var rate: BitsPerSecond?
        /// The rates of the classes that have one.
        var classRates: [String: BitsPerSecond] = [:]
        /// What the interface is part of, where that has to be said with it.
        var service: String?

        /// The section of this name.
        func section(named name: String) -> DeviceConfig.Section {
            let hint =
                obstacles.map(Mention.obstacle.of) + gaps.map(Mention.gap.of)
                + (service.map { [Mention.service.of($0)] } ?? []) + shared
            var section = DeviceConfig.Section(
                name: name, lines: lines, hint: hint.isEmpty ? nil : hint.joined(separator: "\n"), shapedRate: rate)
            section.classRates = classRates.isEmpty ? nil : classRates
            return section
        }

        /// What a section was made of.
        init(in section: DeviceConfig.Section) {
            let hint = (section.hint ?? "").split(separator: "\n").map(String.init)
            lines = section.lines
            shared = hint.filter { line in !Mention.allCases.contains { line.hasPrefix($0.rawValue) } }
            obstacles = Mention.obstacle.found(in: hint)
            gaps = Mention.gap.found(in: hint)
            service = Mention.service.found(in: hint).first
            rate = section.shapedRate
        }

        /// What a section's hint says beside shared lines, each with its word before it.
        private enum Mention: String, CaseIterable {
            case obstacle = "beside "
            case gap = "without "
            case service = "within "

            func of(_ text: String) -> String { rawValue + text }

            func found(in hint: [String]) -> [String] {
                hint.filter { $0.hasPrefix(rawValue) }.map { String($0.dropFirst(rawValue.count)) }
            }
        }

        init(
            lines: [String], shared: [String], obstacles: [String] = [], gaps: [String] = [], rate: BitsPerSecond?
        ) {
            self.lines = lines
            self.shared = shared
            self.obstacles = obstacles
            self.gaps = gaps
            self.rate = rate
        }
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
        if let gap = found.gaps.first {
            throw DriverError.unsupported(
                "\(interface) goes through a policy that does not say '\(gap)', and so lets through more than it is held to;"
                    + " say that first")
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
                    guard policyNodes(path[...], of: own, as: own, in: nodes).isEmpty else { continue }
                    nodes = policyNodes(path[...], of: policy, as: own, in: ConfigOutline(found.shared).nodes) + nodes
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
        return try ShapingText(inner, interface: interface, service: service).shaped(found, to: rate, burst: burst)
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
}
