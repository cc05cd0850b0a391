/// Turns what was asked for and what was read into an immutable plan. Pure.
public enum Planner {
    /// All that a plan is made from.
    public struct Input: Sendable {
        /// The version of the tool.
        public var tool: String
        /// The time.
        public var now: Instant
        /// The inventory.
        public var inventory: Inventory
        /// Every file that was read: inventory, change and policy.
        public var inputs: [InputDigest]
        /// The change.
        public var change: Change
        /// The policy.
        public var policy: Policy
        /// The selection that narrowed it, if any.
        public var limit: String?
        /// What came of each selected device.
        public var surveyed: [SurveyedDevice]
        /// What came of measuring each link.
        public var loads: [LinkName: LinkLoad]

        /// All that a plan is made from.
        public init(
            tool: String, now: Instant, inventory: Inventory, inputs: [InputDigest], change: Change, policy: Policy,
            limit: String?, surveyed: [SurveyedDevice], loads: [LinkName: LinkLoad]
        ) {
            self.tool = tool
            self.now = now
            self.inventory = inventory
            self.inputs = inputs
            self.change = change
            self.policy = policy
            self.limit = limit
            self.surveyed = surveyed
            self.loads = loads
        }
    }

    /// Makes the plan.
    ///
    /// - Throws: `PlanRefusal` when a shared link cannot hold the growth, or its load is not known; `InputError` when the
    ///   policy's canary selection is wrong, or when it names what the inventory does not have.
    public static func plan(_ input: Input) throws -> Plan {
        let place = SourceLocation(file: "policy \(input.policy.name)")
        let unknown = (input.policy.approvals ?? []).flatMap { $0.complaints(in: input.inventory, at: place) }
        guard unknown.isEmpty else { throw InputError(unknown) }
        var targets: [PlannedDevice] = []
        var skipped: [SkippedDevice] = []
        for surveyed in input.surveyed.sorted(by: { $0.device.name < $1.device.name }) {
            switch surveyed.finding {
            case .target(let target): targets.append(PlannedDevice(device: surveyed.device, target: target))
            case .skip(let skip): skipped.append(skip)
            }
        }
        let links = try links(for: targets, input)
        let waves = try WavePlanner(policy: input.policy, inventory: input.inventory, targets: targets, links: links)
            .waves()
        let controls = controls(beside: targets, input)
        let (beside, besideWarnings) = try beside(targets, links, input)
        let warnings =
            warnings(targets, skipped, input) + besideWarnings
            + Self.warning(ofNothingToCompareWith: waves, controls, input.policy)
        return Plan(
            tool: input.tool, createdAt: input.now, inputs: input.inputs.sorted { $0.path < $1.path },
            inventory: input.inventory.name, change: input.change, policy: input.policy, limit: input.limit,
            devices: targets + controls, skipped: skipped, links: links, beside: beside,
            datacentres: datacentres(of: targets, input.inventory, freezes: input.policy.freezes ?? []), waves: waves,
            warnings: warnings)
    }

    /// The links that the devices load, each with what it carries now and what it may carry.
    private static func links(for targets: [PlannedDevice], _ input: Input) throws(PlanRefusal) -> [PlannedLink] {
        var growth: [LinkName: BitsPerSecond] = [:]
        for planned in targets {
            for link in planned.device.links {
                growth[link, default: .zero] = growth[link, default: .zero] + added(planned, input.policy)
            }
        }
        var unknown: [PlanRefusal.UnknownLoad] = []
        var links: [PlannedLink] = []
        for link in input.inventory.links {
            guard let added = growth[link.name] else { continue }
            let cap = link.capacity.scaled(by: input.policy.headroom.cap(of: link.name))
            switch input.loads[link.name] {
            case .known(let load):
                links.append(PlannedLink(link: link, measured: load, cap: cap, predicted: load + added))
            case .unknown(let reason):
                unknown.append(PlanRefusal.UnknownLoad(link: link.name, reason: reason))
            case nil:
                let reason = UnknownReason(.notAsked, "its counters were not read")
                unknown.append(PlanRefusal.UnknownLoad(link: link.name, reason: reason))
            }
        }
        if !unknown.isEmpty { throw PlanRefusal(shortfalls: [], unknownLoads: unknown) }
        return links
    }

    static func added(_ planned: PlannedDevice, _ policy: Policy) -> BitsPerSecond {
        (planned.target?.growth ?? .zero).scaled(by: policy.headroom.growth)
    }

    /// Devices that are not changed, and so show what the rest of the fleet does meanwhile: those of the same ranges, and
    /// those that already are as they should be.
    private static func controls(beside targets: [PlannedDevice], _ input: Input) -> [PlannedDevice] {
        let changed = Set(targets.map(\.device.name))
        let ranges = Set(targets.map(\.device.range))
        let unreadable = Set(
            input.surveyed.compactMap { surveyed in
                if case .skip(let skip) = surveyed.finding, skip.reason != .noChange {
                    surveyed.device.name
                } else {
                    nil
                }
            })
        return input.inventory.devices
            .filter { !changed.contains($0.name) && !unreadable.contains($0.name) && ranges.contains($0.range) }
            .filter { $0.snmp.isGiven && !$0.interfaces.isEmpty }
            .map { PlannedDevice(device: $0, target: nil) }
    }

    /// The datacentres in which something changes. What the policy freezes is a blackout in each of them.
    private static func datacentres(of targets: [PlannedDevice], _ inventory: Inventory, freezes: [Blackout] = [])
        -> [Datacentre]
    {
        let names = Set(targets.map(\.device.datacentre))
        var found = inventory.datacentres.filter { names.contains($0.name) }
        if freezes.isEmpty { return found }
        for index in found.indices { found[index].blackouts = (found[index].blackouts ?? []) + freezes }
        return found
    }

    private static func warnings(_ targets: [PlannedDevice], _ skipped: [SkippedDevice], _ input: Input) -> [String] {
        var warnings: [String] = []
        let unwatched = targets.filter { !$0.device.snmp.isGiven || $0.device.interfaces.isEmpty }
        if !unwatched.isEmpty {
            let names = unwatched.map(\.device.name.rawValue).joined(separator: ", ")
            warnings.append("no gate can see \(names): no SNMP community or user, or no interfaces to watch")
        }
        let slower = targets.filter { planned in
            guard let target = planned.target else { return false }
            return target.intents.contains { intent in
                switch intent {
                case .shape(let interface, let rate, _, let name):
                    (name.map { target.base.shapedRate(of: interface, class: $0) }
                        ?? target.base.shapedRate(of: interface)).map { rate < $0 } ?? false
                case .police(let interface, let direction, let rate, _):
                    target.base.policedRate(of: interface, direction).map { rate < $0 } ?? false
                case .file, .lines: false
                }
            }
        }
        if !slower.isEmpty {
            let names = slower.prefix(5).map(\.device.name.rawValue).joined(separator: ", ")
            let who =
                slower.count == 1
                ? "1 device gets LESS bandwidth than it has"
                : "\(slower.count) devices get LESS bandwidth than they have"
            warnings.append("\(who): \(names)\(slower.count > 5 ? ", …" : "")")
        }
        if input.policy.peak != nil {
            let places = datacentres(of: targets, input.inventory).filter { $0.timeZone == "UTC" }.map(\.name.rawValue)
            if !places.isEmpty { warnings.append("the hours of the peak are meant in UTC in \(GateText.list(places))") }
        }
        let selected = Set(input.surveyed.map(\.device.name))
        for kind in input.policy.isolate {
            let split = input.inventory.devices.filter { device in
                !selected.contains(device.name)
                    && device.domains.contains { domain in
                        domain.kind == kind && targets.contains { $0.device.domains.contains(domain) }
                    }
            }
            if !split.isEmpty {
                let names = split.prefix(5).map(\.name.rawValue).joined(separator: ", ")
                warnings.append(
                    "the selection splits a \(kind): \(names)\(split.count > 5 ? ", …" : "") stay as they are")
            }
        }
        return warnings
    }
}

extension Planner {
    private static func warning(ofNothingToCompareWith waves: [Wave], _ controls: [PlannedDevice], _ policy: Policy)
        -> [String]
    {
        let comparing = policy.gates.first { gate in
            guard case .traffic = gate.condition else { return false }
            return gate.onFail != .observe
        }
        guard waves.count == 1, controls.isEmpty, let gate = comparing?.name else { return [] }
        return [
            """
            everything changes in one wave, so nothing is left to compare its traffic with: gate \(gate) will pause after it. \
            Make the waves smaller, or let it through then: rollout promote ID --override \(gate) --reason "…"
            """
        ]
    }
}

/// A selected device and what was found on it.
public struct SurveyedDevice: Hashable, Sendable {
    /// The device.
    public var device: Device
    /// What was found.
    public var finding: Finding

    /// A selected device and what was found on it.
    public init(device: Device, finding: Finding) {
        self.device = device
        self.finding = finding
    }

    /// What was found on a device.
    public enum Finding: Hashable, Sendable {
        /// It will be changed like this.
        case target(Target)
        /// It will be left out.
        case skip(SkippedDevice)
    }
}

/// What a link carries.
public enum LinkLoad: Hashable, Sendable {
    /// Measured from its own counters.
    case known(BitsPerSecond)
    /// Not measured, and why.
    case unknown(UnknownReason)
}

/// Why a plan cannot be made. Exit code 8.
public struct PlanRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The links that cannot hold the growth.
    public var shortfalls: [Shortfall]
    /// The links whose load is not known.
    public var unknownLoads: [UnknownLoad]

    /// A link that cannot hold the growth.
    public struct Shortfall: Hashable, Codable, Sendable {
        /// Which link.
        public var link: LinkName
        /// The wave in which it would be passed.
        public var wave: Int
        /// What it carries now.
        public var measured: BitsPerSecond
        /// What it would carry when all is done.
        public var predicted: BitsPerSecond
        /// What it may carry.
        public var cap: BitsPerSecond
        /// The devices that add to it, largest growth first.
        public var culprits: [Culprit]
    }

    /// A device that adds to a link.
    public struct Culprit: Hashable, Codable, Sendable {
        /// Which device.
        public var device: DeviceName
        /// By how much.
        public var growth: BitsPerSecond
    }

    /// A link whose load is not known.
    public struct UnknownLoad: Hashable, Sendable {
        /// Which link.
        public var link: LinkName
        /// Why.
        public var reason: UnknownReason
    }

    /// In words: which link, by how much, whose growth, and what can be done.
    public var description: String {
        var lines = shortfalls.map { shortfall in
            let over = shortfall.predicted.excess(over: shortfall.cap)
            let names = shortfall.culprits.prefix(8).map { "\($0.device) +\($0.growth)" }.joined(separator: ", ")
            let more = shortfall.culprits.count > 8 ? ", and \(shortfall.culprits.count - 8) more" : ""
            return """
                link \(shortfall.link) cannot hold the growth: \(shortfall.measured.approximate) now, \
                \(shortfall.predicted.approximate) predicted, \(shortfall.cap.approximate) allowed: \
                \(over.approximate) too much, first in wave \(shortfall.wave)
                  growth comes from \(names)\(more)
                  narrow the selection (-l), raise the link's capacity, or change the policy's headroom
                """
        }
        lines += unknownLoads.map {
            "link \($0.link) cannot be measured, so its headroom is not known: \($0.reason)"
        }
        return lines.joined(separator: "\n")
    }
}
