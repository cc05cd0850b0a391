import Foundation
import RolloutEngine

// What lines of a configuration are held against.
extension ShapingText {
    func names(_ name: StaticString, in text: String) -> Bool { Placeholders.holds(name, in: text) }

    /// Whether a path leads to what a policy has, not to an interface that goes through it.
    func isOfPolicy(_ path: [String]) -> Bool {
        path.contains { names("policy", in: $0) } && !path.contains { names("interface", in: $0) }
    }

    /// Whether a path says through which policy an interface goes.
    func saysPolicy(_ path: [String]) -> Bool {
        names("policy", in: path[path.count - 1]) && path.contains { names("interface", in: $0) }
    }

    /// What the lines of a policy begin with: all up to its name. Where paths are written out, that is not the whole line.
    static func beginning(_ text: String, policy: String) -> String {
        let end = text.range(of: "{policy}")?.upperBound ?? text.endIndex
        return Placeholders.filled(String(text[..<end])) { $0 == "policy" ? policy : nil }
    }

    /// All that a path's policy is, below the sections in which it stands.
    ///
    /// - Parameter name: What the policy is to be called in the answer.
    func policyNodes(_ path: ArraySlice<String>, of policy: String, as name: String, in nodes: [ConfigOutline.Node])
        -> [ConfigOutline.Node]
    {
        guard let first = path.first else { return [] }
        guard names("policy", in: first) else {
            return nodes.compactMap { node in
                guard node.text == first else { return nil }
                let inner = policyNodes(path.dropFirst(), of: policy, as: name, in: node.children)
                return inner.isEmpty ? nil : ConfigOutline.Node(text: node.text, children: inner)
            }
        }
        let beginning = Self.beginning(first, policy: policy)
        let renamed = Self.beginning(first, policy: name)
        return nodes.compactMap { node in
            Self.tail(of: node.text, after: beginning).map {
                ConfigOutline.Node(text: renamed + $0, children: node.children)
            }
        }
    }

    /// What a line says after whole words; nil when it begins otherwise.
    static func tail(of line: String, after beginning: String) -> Substring? {
        guard line.hasPrefix(beginning) else { return nil }
        let tail = line.dropFirst(beginning.count)
        return tail.isEmpty || tail.hasPrefix(" ") ? tail : nil
    }

    /// A path with anything in the place of its last word.
    static func anything(_ path: [String]) -> [String] {
        guard let last = path.last else { return path }
        return path.dropLast() + [last.split(separator: " ").dropLast().joined(separator: " ") + " {any}"]
    }

    func expression(_ text: String, policy: String?, isLast: Bool) throws(DriverError) -> LineExpression {
        try Self.expression(text, interface: interface, unit: unit, policy: policy, isLast: isLast)
    }

    /// What a line has to be. Every line of a configuration is held against it, and most of a rule is known word for word: an
    /// expression is compiled only where it is not.
    enum Wanted {
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
    func known(_ text: String, policy: String?) -> String? {
        let names = Placeholders.names(in: text)
        guard names.allSatisfy({ $0 == "interface" || $0 == "unit" || $0 == "policy" && policy != nil }) else {
            return nil
        }
        return Placeholders.filled(text) { $0 == "interface" ? interface : $0 == "unit" ? unit : policy }
    }

    /// Matches a line of a rule that others stand below.
    func section(_ text: String, policy: String?) throws(DriverError) -> Wanted {
        if let known = known(text, policy: policy) { return .whole(known) }
        return .matching(try expression(text, policy: policy, isLast: false))
    }

    /// Matches a line of a rule up to its rate, or to a number before it; the whole line when it has none.
    func stem(_ text: String, policy: String?) throws(DriverError) -> Wanted {
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
            return .matching(try KeptExpressions.expression(String(beginning.dropLast())))
        } catch {
            throw DriverError.unsupported("the shaping rule '\(text)' \(error)")
        }
    }

    private static let number = {
        do { return try LineExpression(" [0-9]+ ") } catch { preconditionFailure("\(error)") }
    }()

    /// Matches a line of a rule; what is not given matches anything.
    static func expression(_ text: String, interface: String?, unit: String?, policy: String?, isLast: Bool)
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
            case "policy": pattern += policy.map { escaped($0[...]) } ?? "(?<policy>\"[^\"]*\"|\\S+)"
            case "rate":
                // A device may show another unit than the one that is written.
                pattern += "(?<rate>[0-9.]+) ?(?<scale>[kmgKMG]?)(?:bps|bit)?"
                let after = rest[rest.index(after: close)...]
                if let unit = [" bps", " kbps", " mbps", " gbps", "bit"].first(where: { after.hasPrefix($0) }) {
                    rest = after.dropFirst(unit.count)
                    continue
                }
            default: pattern += "(?:\"[^\"]*\"|\\S+)"
            }
            rest = rest[rest.index(after: close)...]
        }
        // Behind a rate a device may show the bursts that it made of it.
        pattern += escaped(rest) + (isLast ? "(?: (?:[0-9]|cbs |burst).*)?$" : "$")
        do throws(LineExpression.Mistake) {
            return try KeptExpressions.expression(pattern)
        } catch {
            throw DriverError.unsupported("the shaping rule '\(text)' \(error)")
        }
    }

    static func escaped(_ text: Substring) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x20, 0x2d, 0x5f: true
            default: false
            }
        }
        if isPlain { return String(text) }
        return text.map { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" ? "\($0)" : "\\\($0)" }
            .joined()
    }
}

// Lines and what stands below them.
extension ShapingText {
    static func lines(_ nodes: [ConfigOutline.Node]) -> [String] { ConfigOutline(nodes: nodes).lines }

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
