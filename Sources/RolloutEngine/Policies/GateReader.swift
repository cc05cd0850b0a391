/// Reads the gates of a policy: each a kind with its limits, or only the kind's name for the usual limits.
struct GateReader {
    let complaints: ComplaintList

    /// The gates, in the order in which they are written.
    func read(_ node: YAMLNode, in policy: YAMLMap) -> [GateRule] {
        guard case .list(let items) = node.content else {
            complaints.error(
                at: policy.place(of: node), "gates is \(node.kind), expected a list such as [traffic, reboot]")
            return []
        }
        var gates: [GateRule] = []
        for item in items {
            guard let gate = gate(item, in: policy) else { continue }
            if gates.contains(where: { $0.name == gate.name }) {
                complaints.error(
                    at: policy.place(of: item), "two gates are named \(gate.name)",
                    remedy: "give one of them a name of its own with name:")
            }
            gates.append(gate)
        }
        if items.isEmpty {
            complaints.warn(at: policy.place(of: node), "no gates: waves follow each other whatever the counters say")
        }
        return gates
    }

    private func gate(_ node: YAMLNode, in policy: YAMLMap) -> GateRule? {
        guard case .map = node.content else {
            guard let text = policy.read(node, as: .line, what: "a gate") else { return nil }
            if let usual = Self.usual.first(where: { $0.name.rawValue == text }) { return usual }
            complain(at: policy.place(of: node), unknown: text, what: "a gate", mayHaveLimits: false)
            return nil
        }
        guard var map = policy.submap(node, "a gate", example: "{kind: errors, maximum_per_second: 1}"),
            let kind = map.required("kind", .line)
        else { return nil }
        guard var gate = start(kind, &map) else { return nil }
        map = map.called("gate \(gate.name)")
        gate.onFail = map.value("on_fail", Self.action) ?? gate.onFail
        gate.patience = patience(&map)
        guard let condition = condition(gate.condition, &map) else { return nil }
        gate.condition = condition
        if gate.condition.isState { gate.flaps = map.value("flaps", Self.times) }
        map.refuseUnknownKeys()
        return gate
    }

    /// A gate of a kind with its usual limits and its name.
    private func start(_ kind: String, _ map: inout YAMLMap) -> GateRule? {
        let name = map.value("name", TextFormat<GateName>.named)
        if var usual = Self.usual.first(where: { $0.name.rawValue == kind }) {
            usual.name = name ?? usual.name
            return usual
        }
        guard let condition = open(kind, &map) else {
            if !Self.openKinds.contains(kind) {
                complain(at: map.place(of: "kind"), unknown: kind, what: "kind of a gate", mayHaveLimits: true)
            }
            return nil
        }
        guard let name else {
            complaints.error(
                at: map.location, "a gate of kind \(kind) has no name", remedy: "say with name: what it watches")
            return nil
        }
        return GateRule(name: name, condition: condition, onFail: .pause)
    }

    /// What has no usual limits: an object by its number, or something that is asked beside the fleet.
    private func open(_ kind: String, _ map: inout YAMLMap) -> GateCondition? {
        if kind == "object" {
            return ObjectConditionReader(complaints: complaints).source(&map).map(GateCondition.object)
        }
        return ProbeReader(complaints: complaints).probe(kind, &map).map { GateCondition.probe($0, ValueLimits()) }
    }

    private func condition(_ usual: GateCondition, _ map: inout YAMLMap) -> GateCondition? {
        switch usual {
        case .traffic(let maximumDrop, let minimumRate):
            return .traffic(
                maximumDrop: map.value("maximum_drop", .share) ?? maximumDrop,
                minimumRate: map.value("minimum_rate", .rate) ?? minimumRate)
        case .errors(let maximum):
            return .errors(maximumPerSecond: map.value("maximum_per_second", .perSecond) ?? maximum)
        case .discards(let maximum):
            return .discards(maximumPerSecond: map.value("maximum_per_second", .perSecond) ?? maximum)
        case .interfaces, .reboot, .links, .reachability:
            return usual
        case .object(let condition):
            return ObjectConditionReader(complaints: complaints).limits(condition, &map).map(GateCondition.object)
        case .tcDrops(let maximum, let every):
            return .tcDrops(
                maximumPerSecond: map.value("maximum_per_second", .perSecond) ?? maximum,
                every: map.value("every", .timespan(example: "60s")) ?? every)
        case .utilisation(let maximum):
            return .utilisation(maximum: map.value("maximum", .share) ?? maximum)
        case .probe(let probe, _):
            return ProbeReader(complaints: complaints).limits(probe, &map).map { GateCondition.probe(probe, $0) }
        }
    }

    private func patience(_ map: inout YAMLMap) -> GatePatience? {
        let patience = GatePatience(
            inconclusive: map.value("inconclusive_limit", Self.times) ?? 0,
            error: map.value("error_limit", Self.times) ?? 0, fail: map.value("fail_limit", Self.times) ?? 0)
        return patience == GatePatience() ? nil : patience
    }

    private func complain(at place: SourceLocation, unknown kind: String, what: String, mayHaveLimits: Bool) {
        let usual = Self.usual.map(\.name.rawValue)
        let kinds = mayHaveLimits ? usual + Self.openKinds : usual
        if !mayHaveLimits, Self.openKinds.contains(kind) {
            complaints.error(
                at: place, "a gate of kind \(kind) needs to be told what to watch",
                remedy: "write it as a map: {kind: \(kind), name: …}")
            return
        }
        complaints.error(
            at: place, "\(what) is \(excerpt(kind)), expected a kind of gate: \(kinds.joined(separator: ", "))",
            remedy: suggestion(for: kind, among: kinds, noun: "kinds"))
    }

    private static let usual = GateRule.cautious + GateRule.further
    private static let openKinds = ["object"] + ProbeReader.kinds
    private static let times = TextFormat<Int>.number(0...100, "a number of times", example: 2)

    private static let action = TextFormat<GateAction>(expected: "observe, pause or roll_back") {
        GateAction(rawValue: $0)
    }
}

extension GateCondition {
    /// Whether states are judged, which can flap.
    fileprivate var isState: Bool {
        switch self {
        case .interfaces: true
        case .object(let condition): condition.sources.first?.kind == .state
        default: false
        }
    }
}
