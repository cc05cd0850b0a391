/// How to get there: in which order, how fast, watched by what, and what happens when it goes wrong.
public struct Policy: Hashable, Codable, Sendable {
    /// The name by which people speak of it.
    public var name: String
    /// What separates waves, most significant first. Every wave is of one value of each.
    public var order: [OrderRule]
    /// The devices that go first, alone.
    public var canary: CanaryRule
    /// How large a wave may be; the smallest limit binds.
    public var waveSize: WaveSize
    /// How many devices may be in flight at once.
    public var inFlight: InFlightCaps
    /// The kinds of failure domain of which never two devices are in flight or unproven at once: `pair`, `rack`.
    public var isolate: [String]
    /// How full a shared link may become.
    public var headroom: HeadroomRule
    /// How long a wave must stay healthy before its gates are judged.
    public var soak: Timespan
    /// The same for the canary; nil means `soak`.
    public var canarySoak: Timespan?
    /// How often counters are read, and how far back "before" reaches.
    public var watch: WatchRule
    /// The conditions between waves.
    public var gates: [GateRule]
    /// How many devices may fail, by scope, and what happens when more do.
    public var budgets: FailureBudgets
    /// When failures of one model and firmware hold its other devices; nil for never.
    public var cohorts: CohortRule?
    /// The days on which nothing may be done in any datacentre, beside their own blackouts; nil when there are none.
    public var freezes: [Blackout]?
    /// What changed devices have to carry before the rollout is done; nil when it is done as soon as its waves passed.
    public var peak: PeakRule?
    /// Whose word is needed before the rollout or its waves begin; nil when nobody's is.
    public var approvals: [ApprovalRule]?
    /// The limits of our own management traffic.
    public var management: ManagementCaps
    /// After how long a device reverts by itself unless confirmed.
    public var revertTimer: Timespan
    /// Whether devices that cannot put themselves back are changed all the same; nil is no.
    public var withoutRevertTimer: WithoutRevertTimer?
    /// How long each step may take.
    public var deadlines: Deadlines

    /// A policy with cautious values for all that is not given.
    public init(
        name: String, order: [OrderRule] = [OrderRule(axis: .range), OrderRule(axis: .datacentre)],
        canary: CanaryRule = CanaryRule(), waveSize: WaveSize = WaveSize(), inFlight: InFlightCaps = InFlightCaps(),
        isolate: [String] = ["pair"], headroom: HeadroomRule = HeadroomRule(), soak: Timespan = .minutes(10),
        canarySoak: Timespan? = nil, watch: WatchRule = WatchRule(), gates: [GateRule] = GateRule.cautious,
        budgets: FailureBudgets = FailureBudgets(), cohorts: CohortRule? = CohortRule(), freezes: [Blackout]? = nil,
        peak: PeakRule? = nil, approvals: [ApprovalRule]? = nil, management: ManagementCaps = ManagementCaps(),
        revertTimer: Timespan = .minutes(10), withoutRevertTimer: WithoutRevertTimer? = nil,
        deadlines: Deadlines = Deadlines()
    ) {
        self.name = name
        self.order = order
        self.canary = canary
        self.waveSize = waveSize
        self.inFlight = inFlight
        self.isolate = isolate
        self.headroom = headroom
        self.soak = soak
        self.canarySoak = canarySoak
        self.watch = watch
        self.gates = gates
        self.budgets = budgets
        self.cohorts = cohorts
        self.freezes = freezes
        self.peak = peak
        self.approvals = approvals
        self.management = management
        self.revertTimer = revertTimer
        self.withoutRevertTimer = withoutRevertTimer
        self.deadlines = deadlines
    }
}

/// What is done with devices whose platform has no revert timer.
public enum WithoutRevertTimer: String, CaseIterable, Hashable, Codable, Sendable {
    /// They are not changed.
    case refuse
    /// They are changed: one that cannot be reached afterwards stays as it is until somebody gets to it.
    case allow
}

/// One axis that separates waves.
public struct OrderRule: Hashable, Codable, Sendable {
    /// What separates.
    public var axis: Axis
    /// The values in their order; those not named follow in the order of the inventory.
    public var values: [String]

    /// Separates waves by this axis.
    public init(axis: Axis, values: [String] = []) {
        self.axis = axis
        self.values = values
    }

    /// What waves can be separated by.
    public enum Axis: String, Codable, Sendable, CaseIterable {
        /// By product range.
        case range
        /// By datacentre.
        case datacentre
    }
}

/// The devices that go first, alone: wave 0.
public struct CanaryRule: Hashable, Codable, Sendable {
    /// How many; 0 for no canary.
    public var devices: Int
    /// The devices that are preferred, in the language of selections; nil means the first of the first wave.
    public var prefer: String?

    /// One canary.
    public init(devices: Int = 1, prefer: String? = nil) {
        self.devices = devices
        self.prefer = prefer
    }
}

/// How large a wave may be. The smallest limit binds, but a wave has at least one device.
public struct WaveSize: Hashable, Codable, Sendable {
    /// At most so many devices.
    public var devices: Int?
    /// At most this share of the devices of the same range and datacentre.
    public var share: Share?

    /// No more than 20 devices and half of a group.
    public init(devices: Int? = 20, share: Share? = .percent(50)) {
        self.devices = devices
        self.share = share
    }
}

/// How many devices may be in flight at once: between the push's intent and its confirmation.
public struct InFlightCaps: Hashable, Codable, Sendable {
    /// In the whole rollout.
    public var overall: Int
    /// In one datacentre.
    public var perDatacentre: Int?

    /// Five at once.
    public init(overall: Int = 5, perDatacentre: Int? = nil) {
        self.overall = overall
        self.perDatacentre = perDatacentre
    }
}

/// How full a shared link may become: predicted load stays under this share of its capacity.
public struct HeadroomRule: Hashable, Codable, Sendable {
    /// For every link that is not named.
    public var cap: Share
    /// For single links.
    public var links: [LinkName: Share]
    /// The share of the added bandwidth that counts as growth. 100 % is the worst case: every device uses all it gets.
    public var growth: Share

    /// 80 % of every link, in the worst case.
    public init(cap: Share = .percent(80), links: [LinkName: Share] = [:], growth: Share = .percent(100)) {
        self.cap = cap
        self.links = links
        self.growth = growth
    }

    /// The share that binds for a link.
    public func cap(of link: LinkName) -> Share { links[link] ?? cap }
}

/// How counters are watched.
public struct WatchRule: Hashable, Codable, Sendable {
    /// The time between two readings of one agent.
    public var poll: Timespan
    /// How much time before a wave counts as "before".
    public var baseline: Timespan
    /// What else is watched; nil for nothing.
    public var also: WatchBeside?

    /// Every 10 s, against the last 10 minutes.
    public init(poll: Timespan = .seconds(10), baseline: Timespan = .minutes(10), also: WatchBeside? = nil) {
        self.poll = poll
        self.baseline = baseline
        self.also = also
    }
}

/// A condition between waves.
public struct GateRule: Hashable, Codable, Sendable {
    /// The name, unique in its policy.
    public var name: GateName
    /// What is judged.
    public var condition: GateCondition
    /// What a failure does. A verdict that is inconclusive or an error always pauses, unless the gate only observes.
    public var onFail: GateAction
    /// How often it may come out other than pass before that counts; nil for not once.
    public var patience: GatePatience?
    /// From how many changes between good and bad on what it looks at is flapping, which fails; nil for 2, 0 for never.
    public var flaps: Int?

    /// A gate.
    public init(
        name: GateName, condition: GateCondition, onFail: GateAction, patience: GatePatience? = nil, flaps: Int? = nil
    ) {
        self.name = name
        self.condition = condition
        self.onFail = onFail
        self.patience = patience
        self.flaps = flaps
    }

    /// What is watched when a policy does not say.
    public static let cautious: [GateRule] = [
        GateRule(
            name: "traffic", condition: .traffic(maximumDrop: .percent(30), minimumRate: BitsPerSecond(10_000)),
            onFail: .rollBack),
        GateRule(name: "errors", condition: .errors(maximumPerSecond: 1), onFail: .rollBack),
        GateRule(name: "discards", condition: .discards(maximumPerSecond: 5), onFail: .pause),
        GateRule(name: "interfaces", condition: .interfaces, onFail: .rollBack),
        GateRule(name: "reboot", condition: .reboot, onFail: .pause),
        GateRule(name: "links", condition: .links, onFail: .pause),
    ]
}

/// What a gate judges.
public enum GateCondition: Hashable, Codable, Sendable {
    /// The wave's traffic fell by no more than this against devices that were not touched meanwhile. Below the minimum
    /// rate, a device carries too little to judge by.
    case traffic(maximumDrop: Share, minimumRate: BitsPerSecond)
    /// No watched interface has more errors a second than before plus this.
    case errors(maximumPerSecond: Double)
    /// No watched interface drops more packets a second than before plus this.
    case discards(maximumPerSecond: Double)
    /// Every watched interface that was up before is up.
    case interfaces
    /// No device restarted.
    case reboot
    /// Every shared link that the wave loads is under its headroom.
    case links
    /// Objects of the devices' agents are as they may be.
    case object(ObjectCondition)
    /// No queue of a device that changes drops more packets a second than before plus this, as the device's own tools count them
    /// over its session, read this often.
    case tcDrops(maximumPerSecond: Double, every: Timespan)
    /// No interface that is shaped sends this share of its rate all through the soak.
    case utilisation(maximum: Share)
    /// Every agent that answered before answers.
    case reachability
    /// What is asked beside the fleet gives a number within limits.
    case probe(Probe, ValueLimits)

    enum ObjectCodingKeys: String, CodingKey { case _0 = "condition" }
    enum ProbeCodingKeys: String, CodingKey {
        case _0 = "ask"
        case _1 = "limits"
    }
}

/// What a failed gate does.
public enum GateAction: String, Codable, Sendable {
    /// Writes the verdict down and goes on.
    case observe
    /// Pauses for a person.
    case pause
    /// Puts the wave back by itself, then pauses.
    case rollBack = "roll_back"
}

/// How many devices may fail before it is more than bad luck, by scope, and what happens then.
public struct FailureBudgets: Hashable, Codable, Sendable {
    /// In one wave.
    public var wave: Budget
    /// In one datacentre, over the whole rollout.
    public var datacentre: Budget?
    /// In the whole rollout.
    public var rollout: Budget?

    /// No failure is free: the first one pauses.
    public init(wave: Budget = Budget(), datacentre: Budget? = nil, rollout: Budget? = nil) {
        self.wave = wave
        self.datacentre = datacentre
        self.rollout = rollout
    }

    /// How many failures a scope can bear.
    public struct Budget: Hashable, Codable, Sendable {
        /// So many failures are borne.
        public var devices: Int
        /// So large a share of the scope's devices is borne; the larger of the two counts.
        public var share: Share?
        /// What one failure more does.
        public var reaction: Reaction

        /// Bears no failure and pauses.
        public init(devices: Int = 0, share: Share? = nil, reaction: Reaction = .pause) {
            self.devices = devices
            self.share = share
            self.reaction = reaction
        }
    }

    /// What happens when a budget is spent.
    public enum Reaction: String, Codable, Sendable {
        /// Pauses for a person.
        case pause
        /// Puts the current wave back, then pauses.
        case rollBackWave = "roll_back_wave"
        /// Puts everything back that this rollout changed.
        case rollBackAll = "roll_back_all"
    }
}

/// The limits of our own management traffic.
public struct ManagementCaps: Hashable, Codable, Sendable {
    /// Bytes a second over all SSH sessions together, both directions; nil for no limit.
    public var bytesPerSecond: ByteCount?
    /// The DSCP value (RFC 2474, 0 to 63) that our packets carry; 16 is CS2, network management (RFC 4594).
    public var dscp: Int

    /// Unlimited, marked CS2.
    public init(bytesPerSecond: ByteCount? = nil, dscp: Int = 16) {
        self.bytesPerSecond = bytesPerSecond
        self.dscp = dscp
    }
}

/// How long each step may take before it counts as failed or unknown.
public struct Deadlines: Hashable, Codable, Sendable {
    /// Connect, check, arm, send and read back one device.
    public var push: Timespan
    /// Connect anew, verify and disarm one device.
    public var confirm: Timespan
    /// Put one device back.
    public var rollBack: Timespan
    /// Everything between a wave's first push and its gates, soak not counted: no progress is a failure.
    public var wave: Timespan

    /// Two minutes a step, half an hour a wave.
    public init(
        push: Timespan = .minutes(2), confirm: Timespan = .minutes(2), rollBack: Timespan = .minutes(2),
        wave: Timespan = .minutes(30)
    ) {
        self.push = push
        self.confirm = confirm
        self.rollBack = rollBack
        self.wave = wave
    }
}
