/// Reads a policy out of a YAML map. What is not given keeps its cautious value.
struct PolicyReader {
    let complaints: ComplaintList

    /// A policy; with complaints about all that is wrong with it.
    func read(_ node: YAMLNode, in file: YAMLMap, nameless: String) -> Policy? {
        guard var map = file.submap(node, "the policy", example: "{name: cautious, canary: 1}") else { return nil }
        var policy = Policy(name: map.value("name", .line) ?? nameless)
        if let entry = map.entry("order") { policy.order = order(entry.value, in: map) }
        if let entry = map.entry("canary") { readCanary(entry.value, in: map, into: &policy) }
        if let entry = map.entry("waves") { policy.waveSize = waves(entry.value, in: map) }
        if let entry = map.entry("in_flight") { policy.inFlight = inFlight(entry.value, in: map) }
        if let entry = map.entry("isolate") {
            policy.isolate = map.readList(entry.value, as: .variableName, what: "isolate")
        }
        if let entry = map.entry("headroom") { policy.headroom = headroom(entry.value, in: map) }
        policy.soak = map.value("soak", .timespan(example: "10m")) ?? policy.soak
        if let entry = map.entry("watch") { readWatch(entry.value, in: map, into: &policy.watch) }
        if let entry = map.entry("gates") {
            policy.gates = GateReader(complaints: complaints).read(entry.value, in: map)
        }
        if let entry = map.entry("budgets") { readBudgets(entry.value, in: map, into: &policy.budgets) }
        if let entry = map.entry("cohorts") { policy.cohorts = cohorts(entry.value, in: map) }
        policy.freezes = map.entry("freezes").map {
            BlackoutReader(complaints: complaints).read($0.value, "freezes", in: map)
        }
        if let entry = map.entry("approvals") { policy.approvals = approvals(entry.value, in: map) }
        if let entry = map.entry("peak") { policy.peak = peak(entry.value, in: map) }
        if let entry = map.entry("management") { readManagement(entry.value, in: map, into: &policy.management) }
        policy.revertTimer = map.value("revert_timer", .timespan(example: "10m")) ?? policy.revertTimer
        policy.withoutRevertTimer = map.value("without_revert_timer", .word)
        if let entry = map.entry("deadlines") { readDeadlines(entry.value, in: map, into: &policy.deadlines) }
        map.refuseUnknownKeys()
        PolicyChecks(complaints: complaints).run(policy, map)
        return policy
    }

    private func order(_ node: YAMLNode, in map: YAMLMap) -> [OrderRule] {
        let items: [YAMLNode]
        if case .list(let list) = node.content { items = list } else { items = [node] }
        var rules: [OrderRule] = []
        for item in items {
            guard case .map = item.content else {
                if let axis = map.read(item, as: Self.axis, what: "an item of order") {
                    rules.append(OrderRule(axis: axis))
                }
                continue
            }
            guard var one = map.submap(item, "an item of order") else { continue }
            for axis in OrderRule.Axis.allCases {
                guard let entry = one.entry(axis.rawValue) else { continue }
                let values = one.readList(entry.value, as: .name, what: "the order of \(axis.rawValue)s")
                rules.append(OrderRule(axis: axis, values: values))
            }
            one.refuseUnknownKeys()
        }
        for (index, rule) in rules.enumerated() where rules[..<index].contains(where: { $0.axis == rule.axis }) {
            complaints.error(at: map.place(of: node), "order names \(rule.axis.rawValue) twice")
        }
        return rules
    }

    private static let axis = TextFormat<OrderRule.Axis>(
        expected: "range or datacentre, or one of them with its values such as {range: [eco, advance]}"
    ) { OrderRule.Axis(rawValue: $0) }

    private func readCanary(_ node: YAMLNode, in map: YAMLMap, into policy: inout Policy) {
        let count = TextFormat<Int>.number(0...1000, "a number of devices", example: 1)
        guard case .map = node.content else {
            policy.canary.devices = map.read(node, as: count, what: "canary") ?? 1
            return
        }
        guard var canary = map.submap(node, "canary") else { return }
        policy.canary.devices = canary.value("devices", count) ?? 1
        policy.canarySoak = canary.value("soak", .timespan(example: "15m"))
        if let prefer = canary.value("prefer", .line) {
            policy.canary.prefer = prefer
            checkSelection(prefer, at: canary.place(of: "prefer"))
        }
        canary.refuseUnknownKeys()
    }

    /// Complains about a selection that could not be read later.
    func checkSelection(_ text: String, at place: SourceLocation) {
        do throws(InputError) {
            _ = try Selection(text)
        } catch {
            for complaint in error.complaints {
                complaints.error(
                    at: place, complaint.message + " (character \(complaint.location.column))", remedy: complaint.remedy
                )
            }
        }
    }

    private func waves(_ node: YAMLNode, in map: YAMLMap) -> WaveSize {
        let count = TextFormat<Int>.number(1...100_000, "a number of devices", example: 20)
        switch node.content {
        case .scalar(let text, _) where text.hasSuffix("%"):
            return WaveSize(devices: nil, share: map.read(node, as: .share, what: "waves"))
        case .scalar:
            return WaveSize(devices: map.read(node, as: count, what: "waves"), share: nil)
        default:
            guard var waves = map.submap(node, "waves", example: "{devices: 20, share: 50%}") else { return WaveSize() }
            let size = WaveSize(devices: waves.value("devices", count), share: waves.value("share", .share))
            waves.refuseUnknownKeys()
            if waves.entries.isEmpty { complaints.error(at: waves.location, "waves has neither devices nor share") }
            return size
        }
    }

    private func inFlight(_ node: YAMLNode, in map: YAMLMap) -> InFlightCaps {
        let count = TextFormat<Int>.number(1...10_000, "a number of devices", example: 5)
        guard case .map = node.content else {
            return InFlightCaps(overall: map.read(node, as: count, what: "in_flight") ?? 5)
        }
        guard var caps = map.submap(node, "in_flight") else { return InFlightCaps() }
        let result = InFlightCaps(
            overall: caps.value("overall", count) ?? 5, perDatacentre: caps.value("per_datacentre", count))
        caps.refuseUnknownKeys()
        return result
    }

    private func headroom(_ node: YAMLNode, in map: YAMLMap) -> HeadroomRule {
        guard case .map = node.content else {
            return HeadroomRule(cap: map.read(node, as: .share, what: "headroom") ?? .percent(80))
        }
        guard var headroom = map.submap(node, "headroom") else { return HeadroomRule() }
        var rule = HeadroomRule(cap: headroom.value("default", .share) ?? .percent(80))
        rule.growth = headroom.value("growth", .share) ?? rule.growth
        if let entry = headroom.entry("links"), let links = headroom.submap(entry.value, "headroom of links") {
            for link in links.entries {
                guard let share = links.read(link.value, as: .share, what: "headroom of link \(link.key)") else {
                    continue
                }
                rule.links[LinkName(rawValue: link.key)] = share
            }
        }
        headroom.refuseUnknownKeys()
        return rule
    }

    private func readWatch(_ node: YAMLNode, in map: YAMLMap, into rule: inout WatchRule) {
        guard var watch = map.submap(node, "watch", example: "{poll: 10s, baseline: 10m}") else { return }
        rule.poll = watch.value("poll", .timespan(example: "10s")) ?? rule.poll
        rule.baseline = watch.value("baseline", .timespan(example: "10m")) ?? rule.baseline
        if let entry = watch.entry("also") { rule.also = watchBeside(entry.value, in: watch) }
        watch.refuseUnknownKeys()
    }

    private func readBudgets(_ node: YAMLNode, in map: YAMLMap, into budgets: inout FailureBudgets) {
        guard var scopes = map.submap(node, "budgets", example: "{wave: 0, rollout: {share: 5%}}") else { return }
        if let entry = scopes.entry("wave") { budgets.wave = budget(entry, in: scopes) }
        if let entry = scopes.entry("datacentre") { budgets.datacentre = budget(entry, in: scopes) }
        if let entry = scopes.entry("rollout") { budgets.rollout = budget(entry, in: scopes) }
        scopes.refuseUnknownKeys()
    }

    private func budget(_ entry: YAMLEntry, in map: YAMLMap) -> FailureBudgets.Budget {
        let count = TextFormat<Int>.number(0...100_000, "a number of devices", example: 1)
        let what = "the budget of a \(entry.key)"
        switch entry.value.content {
        case .scalar(let text, _) where text.hasSuffix("%"):
            return .init(share: map.read(entry.value, as: .shareOrNone, what: what))
        case .scalar: return .init(devices: map.read(entry.value, as: count, what: what) ?? 0)
        default:
            guard var budget = map.submap(entry.value, what, example: "{devices: 1, reaction: pause}") else {
                return .init()
            }
            let result = FailureBudgets.Budget(
                devices: budget.value("devices", count) ?? 0, share: budget.value("share", .shareOrNone),
                reaction: budget.value("reaction", Self.reaction) ?? .pause)
            budget.refuseUnknownKeys()
            return result
        }
    }

    private static let reaction = TextFormat<FailureBudgets.Reaction>(
        expected: "pause, roll_back_wave or roll_back_all"
    ) { FailureBudgets.Reaction(rawValue: $0) }

    private func readManagement(_ node: YAMLNode, in map: YAMLMap, into caps: inout ManagementCaps) {
        guard var management = map.submap(node, "management", example: "{bytes_per_second: 1MiB, dscp: 16}") else {
            return
        }
        caps.bytesPerSecond = management.value("bytes_per_second", .bytes)
        let dscp = TextFormat<Int>.number(0...63, "a DSCP value from 0 to 63 (RFC 2474)", example: 16)
        caps.dscp = management.value("dscp", dscp) ?? caps.dscp
        management.refuseUnknownKeys()
    }

    private func readDeadlines(_ node: YAMLNode, in map: YAMLMap, into deadlines: inout Deadlines) {
        guard var limits = map.submap(node, "deadlines", example: "{push: 2m, confirm: 2m}") else { return }
        deadlines.push = limits.value("push", .timespan(example: "2m")) ?? deadlines.push
        deadlines.confirm = limits.value("confirm", .timespan(example: "2m")) ?? deadlines.confirm
        deadlines.rollBack = limits.value("roll_back", .timespan(example: "2m")) ?? deadlines.rollBack
        deadlines.wave = limits.value("wave", .timespan(example: "30m")) ?? deadlines.wave
        limits.refuseUnknownKeys()
    }
}
