import RolloutEngine

// Classes inside an interface's policy.
extension ShapingText {
    /// The rates of the classes in a policy.
    func classRates(in nodes: [ConfigOutline.Node], policy: String?) throws(DriverError)
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
}
