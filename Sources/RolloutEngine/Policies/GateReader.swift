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
            guard let kind = policy.read(node, as: Self.kind, what: "a gate") else { return nil }
            return kind
        }
        guard var map = policy.submap(node, "a gate", example: "{kind: errors, maximum: 1}"),
            let usual = map.required("kind", Self.kind)
        else { return nil }
        map = map.called("gate \(usual.name)")
        var gate = usual
        gate.name = map.value("name", TextFormat<GateName>.named) ?? usual.name
        gate.onFail = map.value("on_fail", Self.action) ?? usual.onFail
        gate.condition = condition(usual.condition, &map)
        map.refuseUnknownKeys()
        return gate
    }

    private func condition(_ usual: GateCondition, _ map: inout YAMLMap) -> GateCondition {
        switch usual {
        case .traffic(let maximumDrop, let minimumRate):
            return .traffic(
                maximumDrop: map.value("maximum_drop", .share) ?? maximumDrop,
                minimumRate: map.value("minimum_rate", .rate) ?? minimumRate)
        case .errors(let maximum):
            return .errors(maximumPerSecond: map.value("maximum_per_second", .perSecond) ?? maximum)
        case .discards(let maximum):
            return .discards(maximumPerSecond: map.value("maximum_per_second", .perSecond) ?? maximum)
        case .interfaces, .reboot, .links:
            return usual
        }
    }

    private static let kind = TextFormat<GateRule>(
        expected: "a kind of gate: " + GateRule.cautious.map(\.name.rawValue).joined(separator: ", ")
    ) { text in
        GateRule.cautious.first { $0.name.rawValue == text }
    }

    private static let action = TextFormat<GateAction>(expected: "observe, pause or roll_back") {
        GateAction(rawValue: $0)
    }
}
