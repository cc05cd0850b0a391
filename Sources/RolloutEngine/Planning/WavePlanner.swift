/// Divides devices into waves: in policy order, canary first, isolated, and under every link's headroom. Pure.
struct WavePlanner {
    let policy: Policy
    let inventory: Inventory
    let targets: [PlannedDevice]
    let links: [PlannedLink]

    /// The waves, one after the other.
    ///
    /// - Throws: `PlanRefusal` when a link cannot hold the growth; `InputError` when the canary selection is wrong.
    func waves() throws -> [Wave] {
        var drafts: [Draft] = []
        var remaining = targets
        let canaries = try canaries()
        if !canaries.isEmpty {
            drafts.append(Draft(members: canaries, canary: true, binding: .canary))
            let chosen = Set(canaries.map(\.device.name))
            remaining.removeAll { chosen.contains($0.device.name) }
        }
        // A share is one of the whole group, the canaries included.
        var sizes: [[Int]: Int] = [:]
        for (key, group) in groups(of: targets) { sizes[key] = group.count }
        for (key, group) in groups(of: remaining) { drafts += divide(group, of: sizes[key] ?? group.count) }
        return try predicted(drafts)
    }

    private struct Draft {
        var members: [PlannedDevice]
        var canary = false
        var binding: BindingConstraint
    }

    // MARK: Order

    private func groups(of devices: [PlannedDevice]) -> [([Int], [PlannedDevice])] {
        var positions: [[String: Int]] = []
        for rule in policy.order {
            let known =
                rule.axis == .range ? inventory.ranges.map(\.rawValue) : inventory.datacentres.map(\.name.rawValue)
            let values = rule.values + known.filter { !rule.values.contains($0) }
            positions.append(Dictionary(values.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }))
        }
        func key(_ planned: PlannedDevice) -> [Int] {
            zip(policy.order, positions).map { rule, position in position[value(of: planned, on: rule.axis)] ?? .max }
        }
        var grouped: [[Int]: [PlannedDevice]] = [:]
        for planned in devices { grouped[key(planned), default: []].append(planned) }
        return grouped.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    private func value(of planned: PlannedDevice, on axis: OrderRule.Axis) -> String {
        switch axis {
        case .range: planned.device.range.rawValue
        case .datacentre: planned.device.datacentre.rawValue
        }
    }

    private func canaries() throws -> [PlannedDevice] {
        guard policy.canary.devices > 0 else { return [] }
        var candidates = groups(of: targets).flatMap(\.1)
        if let prefer = policy.canary.prefer {
            let selection = try Selection(prefer)
            let preferred = candidates.filter { selection.matches($0.device) }
            candidates = preferred + candidates.filter { !selection.matches($0.device) }
        }
        var chosen: [PlannedDevice] = []
        let most = min(policy.canary.devices, policy.peak?.cap(of: targets.count) ?? .max)
        for candidate in candidates
        where chosen.count < most && conflict(candidate, with: chosen) == nil {
            chosen.append(candidate)
        }
        return chosen
    }

    // MARK: Size and isolation

    private func divide(_ group: [PlannedDevice], of count: Int) -> [Draft] {
        let (limit, reason) = sizeLimit(of: count)
        var remaining = group
        var drafts: [Draft] = []
        while !remaining.isEmpty {
            var members: [PlannedDevice] = []
            var occupied: Set<FailureDomain> = []
            var left: [PlannedDevice] = []
            var blocked: FailureDomain?
            for candidate in remaining {
                let domains = isolated(candidate)
                if members.count >= limit {
                    left.append(candidate)
                } else if let domain = domains.first(where: { occupied.contains($0) }) {
                    blocked = blocked ?? domain
                    left.append(candidate)
                } else {
                    members.append(candidate)
                    occupied.formUnion(domains)
                }
            }
            let binding: BindingConstraint =
                left.isEmpty ? .none : members.count >= limit ? reason : blocked.map { .isolation($0) } ?? .none
            drafts.append(Draft(members: members, binding: binding))
            remaining = left
        }
        return drafts
    }

    private func sizeLimit(of count: Int) -> (Int, BindingConstraint) {
        var limit = Int.max
        var reason = BindingConstraint.none
        if let devices = policy.waveSize.devices {
            limit = max(1, devices)
            reason = .waveSize(limit)
        }
        if let share = policy.waveSize.share {
            let devices = max(1, Int(Double(count) * share.fraction))
            if devices < limit {
                limit = devices
                reason = .waveShare(share, devices)
            }
        }
        // A wave that never fits under the cap of devices in debt could never start.
        if let cap = policy.peak?.cap(of: targets.count), cap < limit {
            limit = cap
            reason = .peakDebt(cap)
        }
        return (limit, reason)
    }

    private func isolated(_ planned: PlannedDevice) -> [FailureDomain] {
        planned.device.domains.filter { policy.isolate.contains($0.kind) }
    }

    private func conflict(_ planned: PlannedDevice, with others: [PlannedDevice]) -> FailureDomain? {
        let occupied = Set(others.flatMap(isolated))
        return isolated(planned).first { occupied.contains($0) }
    }

    // MARK: Capacity

    private func predicted(_ drafts: [Draft]) throws(PlanRefusal) -> [Wave] {
        var load: [LinkName: BitsPerSecond] = [:]
        for link in links { load[link.link.name] = link.measured ?? .zero }
        let planned = Dictionary(links.map { ($0.link.name, $0) }, uniquingKeysWith: { first, _ in first })
        var firstWaveOver: [LinkName: Int] = [:]
        var waves: [Wave] = []
        for (index, draft) in drafts.enumerated() {
            var touched: Set<LinkName> = []
            for member in draft.members {
                for link in member.device.links {
                    load[link] = (load[link] ?? .zero) + Planner.added(member, policy)
                    touched.insert(link)
                }
            }
            let predictions = touched.sorted().compactMap { name -> LinkPrediction? in
                guard let link = planned[name], let predicted = load[name] else { return nil }
                // A change that adds nothing to a full link, or relieves it, is not what fills it.
                let grows = predicted > link.measured ?? .zero
                if grows, predicted > link.cap, firstWaveOver[name] == nil { firstWaveOver[name] = index }
                return LinkPrediction(link: name, load: predicted, cap: link.cap)
            }
            waves.append(wave(index, draft, predictions))
        }
        guard firstWaveOver.isEmpty else { throw refusal(firstWaveOver, planned) }
        return waves
    }

    private func wave(_ index: Int, _ draft: Draft, _ predictions: [LinkPrediction]) -> Wave {
        let ranges = Set(draft.members.map(\.device.range))
        let datacentres = Set(draft.members.map(\.device.datacentre))
        return Wave(
            index: index, after: index == 0 ? [] : [index - 1], canary: draft.canary,
            range: ranges.count == 1 ? ranges.first : nil, datacentre: datacentres.count == 1 ? datacentres.first : nil,
            devices: draft.members.map(\.device.name),
            soak: draft.canary ? policy.canarySoak ?? policy.soak : policy.soak,
            binding: draft.binding, predicted: predictions)
    }

    private func refusal(_ waves: [LinkName: Int], _ planned: [LinkName: PlannedLink]) -> PlanRefusal {
        let shortfalls = waves.keys.sorted().compactMap { name -> PlanRefusal.Shortfall? in
            guard let link = planned[name], let wave = waves[name] else { return nil }
            var culprits: [PlanRefusal.Culprit] = []
            for target in targets where target.device.links.contains(name) {
                let growth = Planner.added(target, policy)
                if growth > .zero { culprits.append(PlanRefusal.Culprit(device: target.device.name, growth: growth)) }
            }
            culprits.sort { left, right in
                left.growth == right.growth ? left.device < right.device : left.growth > right.growth
            }
            return PlanRefusal.Shortfall(
                link: name, wave: wave, measured: link.measured ?? .zero, predicted: link.predicted ?? .zero,
                cap: link.cap,
                culprits: culprits)
        }
        return PlanRefusal(shortfalls: shortfalls, unknownLoads: [])
    }
}
