import RolloutEngine

// Finding it.
extension ShapingText {
    /// The interface's shaping in the whole configuration.
    func find(in outline: ConfigOutline) throws(DriverError) -> Found {
        if let menu = MenuShaping(rules, interface: interface) { return menu.find(in: outline) }
        let policy = try policy(in: outline)
        let isShared = try policy.map { name throws(DriverError) in try users(of: name, in: outline) > 1 } ?? false
        // What it is part of is there whether it is shaped or not: it must not go with its shaping.
        var own = place(in: outline).map { [ConfigOutline.Node(text: $0)] } ?? []
        var shared: [ConfigOutline.Node] = []
        for path in rules.lines + rules.kept.map(Self.anything) {
            let nodes: [ConfigOutline.Node]
            if isOfPolicy(path) {
                guard let policy else { continue }
                // What hangs on the interface alone is read as a whole: nothing of it may get lost on the way back.
                nodes = policyNodes(path[...], of: policy, as: policy, in: outline.nodes)
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
        // Whole paths mean the same in any order, and devices show them in their own.
        if rules.lines.allSatisfy({ $0.count == 1 }) {
            own.sort { $0.text < $1.text }
            shared.sort { $0.text < $1.text }
        }
        var found = Found(
            lines: Self.lines(own), shared: Self.lines(shared), obstacles: try obstacles(in: outline, policy: policy),
            gaps: try gaps(in: own + shared, policy: policy), rate: rate)
        found.classRates = try classRates(in: own + shared, policy: policy)
        found.service = service
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
                    for rule in rules.lines + rules.needs
                    where rule.count > depth && Array(rule[..<depth]) == Array(path[..<depth]) {
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

    /// What the policy does not say and must.
    private func gaps(in nodes: [ConfigOutline.Node], policy: String?) throws(DriverError) -> [String] {
        guard let policy else { return [] }
        var gaps: [String] = []
        for path in rules.needs where try picked(path[...], from: nodes, policy: policy).isEmpty {
            gaps.append(
                path.map { step in Placeholders.filled(step) { $0 == "policy" ? policy : nil } }
                    .joined(separator: " / "))
        }
        return gaps
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

    /// The policy that the interface goes through.
    func policy(in outline: ConfigOutline) throws(DriverError) -> String? {
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
        guard let first = path.first, !nodes.isEmpty else { return [] }
        let unit = interface == nil ? nil : unit
        if path.count == 1 {
            let wanted = try Self.expression(first, interface: interface, unit: unit, policy: nil, isLast: true)
            return nodes.compactMap { node in
                wanted.firstMatch(in: node.text)?["policy"].map { (policy: $0, place: node.text) }
            }
        }
        let wanted =
            if interface != nil { try section(first, policy: nil) } else {
                Wanted.matching(try Self.expression(first, interface: nil, unit: nil, policy: nil, isLast: false))
            }
        var found: [(policy: String, place: String)] = []
        for node in nodes where wanted.isFound(in: node.text) {
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
}
