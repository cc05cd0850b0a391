package import RolloutEngine

/// How an interface's shaping or policing is written on a platform.
package struct ShapingRules: Hashable, Sendable {
    package var place = SourceLocation(file: "")
    /// Which interfaces these rules are for; nil for all.
    package var interfaces: LineExpression?
    /// What lines begin with that say in which `{service}` an interface is; nil where that does not matter.
    package var service: String?
    /// The lines, each as the path to it. `{interface}`, `{policy}`, `{rate}` and `{burst}` stand for what differs.
    package var lines: [[String]]
    /// The path to the rate of a class inside an interface's policy, `{class}`; empty where classes are not shaped.
    package var classPath: [String] = []
    /// Paths to whatever else uses a policy, beside `lines`: it is as shared as by an interface.
    package var users: [[String]] = []
    /// Paths to what may not stand beside these lines, as the interface would then be held to something else.
    package var alone: [[String]] = []
    /// What stands for `{direction}`: the directions that can be policed.
    package var directions: [TrafficDirection: String] = [:]
    /// The first words, behind a policy's name, of lines that its copy does not get: what only one policy may have.
    package var uncopied: [String] = []
    /// Lines that must be there too. What stands in the place of their last word is left as it is.
    package var kept: [[String]] = []
    /// The name of what this tool makes itself.
    package var policy: String?
    /// What `{rate}` counts, in bit/s.
    package var rateUnit: UInt64
    /// What `{burst}` counts, in bits.
    package var burstUnit: UInt64
    /// The least and the most that the platform takes, if it says.
    package var least: BitsPerSecond?
    package var most: BitsPerSecond?
    /// Rules for other interfaces.
    package var others: [ShapingRules] = []
}

extension ShapingRules {
    /// The rules for one direction; nil when it cannot be policed.
    package func directed(_ direction: TrafficDirection) -> ShapingRules? {
        guard let word = directions[direction] else { return nil }
        func filled(_ text: String) -> String { Placeholders.filled(text) { $0 == "direction" ? word : nil } }
        var rules = self
        rules.lines = lines.map { $0.map(filled) }
        rules.users = users.map { $0.map(filled) }
        rules.alone = alone.map { $0.map(filled) }
        rules.kept = kept.map { $0.map(filled) }
        rules.policy = policy.map(filled)
        return rules
    }

    /// Every path that is written down.
    package var paths: [[String]] { lines + kept + users + alone + [classPath] + (service.map { [[$0]] } ?? []) }

    /// Whether a path of other rules names a policy at the same place as one of these.
    func says(_ path: [String]) -> Bool {
        guard let last = path.last, Placeholders.names(in: last).contains("policy") else { return false }
        return lines.contains(path)
    }

    /// These rules and those for other interfaces.
    package var all: [ShapingRules] { [self] + others }

    /// The rules for an interface; nil when there are none.
    package func rules(for interface: String) -> ShapingRules? {
        all.first { $0.interfaces.map { $0.isFound(in: interface) } ?? true }
    }
}

extension PlatformDefinition {
    /// How an interface is shaped.
    ///
    /// - Throws: `DriverError` with `.unsupported` when the definition does not say.
    func rules(shaping interface: String) throws(DriverError) -> ShapingRules {
        guard let shaping else {
            throw DriverError.unsupported("\(place): the definition does not say how shaping is written")
        }
        guard let rules = shaping.rules(for: interface) else {
            throw DriverError.unsupported("\(summary): it is not known how something like \(interface) is shaped")
        }
        return rules
    }

    /// How an interface is policed in a direction.
    ///
    /// - Throws: `DriverError` with `.unsupported` when it cannot be, or the definition does not say how.
    func rules(policing interface: String, _ direction: TrafficDirection) throws(DriverError) -> ShapingRules {
        guard unpoliced.isEmpty else { throw DriverError.unsupported("\(summary): \(unpoliced)") }
        guard let policing else {
            throw DriverError.unsupported(
                "\(summary): it is not known how \(direction.rawValue) is policed; \(place) does not say")
        }
        guard let rules = policing.rules(for: interface) else {
            throw DriverError.unsupported(
                "\(summary): it is not known how something like \(interface) is policed, only what has"
                    + " \(policing.all.compactMap { $0.interfaces.map { "'\($0.text)'" } }.joined(separator: " or ")) in its name"
            )
        }
        guard let directed = rules.directed(direction) else {
            throw DriverError.unsupported("\(summary): nothing is policed on \(direction.rawValue)")
        }
        return directed
    }
}
