import RolloutEngine

/// Chooses among the ways in which a platform shapes or polices: some interfaces go through one, others through another. Pure.
struct ShapingWays {
    private let ways: [ShapingRules]

    /// How a platform shapes.
    ///
    /// - Throws: `DriverError` with `.unsupported` when that is not known.
    init(shapingOf definition: PlatformDefinition) throws(DriverError) {
        guard !definition.shaping.isEmpty else { throw Self.unknown("shaping", definition) }
        ways = definition.shaping
    }

    /// How a platform polices one direction.
    ///
    /// - Throws: `DriverError` with `.unsupported` when that is not known.
    init(policing direction: TrafficDirection, of definition: PlatformDefinition) throws(DriverError) {
        guard !definition.policing.isEmpty else { throw Self.unknown("policing", definition) }
        ways = definition.policing.compactMap { $0.directed(direction) }
        guard !ways.isEmpty else {
            throw DriverError.unsupported("\(definition.summary): nothing is policed on \(direction.rawValue)")
        }
    }

    private static func unknown(_ what: String, _ definition: PlatformDefinition) -> DriverError {
        DriverError.unsupported("\(definition.place): the definition does not say how \(what) is written")
    }

    /// The text of an interface of which a section tells.
    func text(of interface: String, in section: DeviceConfig.Section) throws(DriverError) -> ShapingText {
        let found = ShapingText.Found(in: section)
        return try text(of: interface, in: ConfigOutline(found.lines), service: found.service)
    }

    /// The text of an interface by the way that it goes: of those that fit its name, the first that the configuration names a
    /// policy for; else the last.
    ///
    /// - Parameters:
    ///   - lines: The configuration, or what was found of the interface in it.
    ///   - service: What the interface was found to be part of.
    /// - Throws: `DriverError` with `.unsupported` for a name that fits no way, and for one that is part of nothing.
    func text(of interface: String, in lines: ConfigOutline, service: String? = nil) throws(DriverError) -> ShapingText
    {
        var fitting = ways.filter { $0.isOfParts && $0.fits(interface) }
        if fitting.isEmpty { fitting = ways.filter { !$0.isOfParts } }
        if fitting.isEmpty { fitting = ways }
        func text(by rules: ShapingRules) throws(DriverError) -> ShapingText {
            let place = if let service { service } else { try Self.service(of: interface, rules, in: lines) }
            return try ShapingText(rules, interface: interface, service: place)
        }
        for rules in fitting.dropLast() {
            let text = try text(by: rules)
            if try text.policy(in: lines) != nil { return text }
        }
        return try text(by: fitting[fitting.count - 1])
    }

    /// What stands for `{service}` in the line that an interface is part of.
    private static func service(of interface: String, _ rules: ShapingRules, in outline: ConfigOutline)
        throws(DriverError) -> String?
    {
        guard let within = rules.within, let name = within.firstRange(of: "{service}") else { return nil }
        let before = within[..<name.lowerBound]
        let after = Placeholders.filled(String(within[name.upperBound...])) { $0 == "interface" ? interface : nil }
        for node in outline.nodes where node.text.hasPrefix(before) {
            let rest = node.text.dropFirst(before.count) + " "
            guard let end = rest.firstRange(of: after + " ") else { continue }
            let service = rest[..<end.lowerBound]
            // A description may say anything.
            if service.count(where: { $0 == "\"" }).isMultiple(of: 2) { return String(service) }
        }
        throw DriverError.unsupported(
            "\(interface) is not found: no line begins with '\(before)…\(after)'")
    }
}

extension ShapingRules {
    /// Whether these are rules for what is only a part of an interface.
    var isOfParts: Bool { holds("service") || holds("unit") }

    /// Whether a name can be that of such a part.
    func fits(_ interface: String) -> Bool {
        if holds("service") { return interface.contains(":") }
        return ShapingText.parts(of: interface) != nil
    }
}
