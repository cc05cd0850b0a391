/// An immutable, complete description of one rollout: what will be sent to whom, in which waves, under which limits.
///
/// `apply` needs nothing else: no inventory, no policy file. The digest is over everything but itself.
public struct Plan: Hashable, Codable, Sendable {
    /// The version of this format. A reader refuses a newer one.
    public var format: Int
    /// The version of the tool that made it.
    public var tool: String
    /// When it was made.
    public var createdAt: Instant
    /// The files it was made from.
    public var inputs: [InputDigest]
    /// The inventory's name.
    public var inventory: String
    /// The change, as written.
    public var change: Change
    /// The policy, as written.
    public var policy: Policy
    /// The selection that narrowed it, if any.
    public var limit: String?
    /// Devices that change, and devices that are only watched as their control group.
    public var devices: [PlannedDevice]
    /// Devices that were selected but are left out, and why.
    public var skipped: [SkippedDevice]
    /// The links that matter, with measured and predicted load.
    public var links: [PlannedLink]
    /// What is watched beside the waves; nil when the policy names nothing.
    public var beside: WatchedBeside?
    /// The datacentres of the devices, for their windows.
    public var datacentres: [Datacentre]
    /// The waves. `after` makes them a graph; the planner compiles a policy into a chain.
    public var waves: [Wave]
    /// What deserves a second look before it is applied.
    public var warnings: [String]
    /// How restless the devices' traffic was on earlier nights; nil where no readings of such were given.
    public var history: TrafficHistory?

    /// Assembles a plan. Use `Planner`.
    public init(
        format: Int = Plan.currentFormat, tool: String, createdAt: Instant, inputs: [InputDigest], inventory: String,
        change: Change, policy: Policy, limit: String?, devices: [PlannedDevice], skipped: [SkippedDevice],
        links: [PlannedLink], beside: WatchedBeside? = nil, datacentres: [Datacentre], waves: [Wave],
        warnings: [String]
    ) {
        self.format = format
        self.tool = tool
        self.createdAt = createdAt
        self.inputs = inputs
        self.inventory = inventory
        self.change = change
        self.policy = policy
        self.limit = limit
        self.devices = devices
        self.skipped = skipped
        self.links = links
        self.beside = beside
        self.datacentres = datacentres
        self.waves = waves
        self.warnings = warnings
    }

    /// The format that this version writes.
    public static let currentFormat = 3
}

/// A device's part in a plan.
public struct PlannedDevice: Hashable, Codable, Sendable {
    /// The device as the inventory had it when the plan was made.
    public var device: Device
    /// What will be pushed; nil for a device that is only watched, as part of the control group.
    public var target: Target?

    /// A device's part in a plan.
    public init(device: Device, target: Target?) {
        self.device = device
        self.target = target
    }
}

/// A change rendered for one device.
public struct Target: Hashable, Codable, Sendable {
    /// What was resolved for this device.
    @Shared public var intents: [ResolvedIntent]
    /// The configuration in scope as it was read for the plan.
    @Shared public var base: DeviceConfig
    /// The digest of `base`: a device that says otherwise at apply has drifted.
    public var baseDigest: Digest
    /// The configuration in scope as it will be.
    @Shared public var desired: DeviceConfig
    /// How much more the device may send over its links afterwards.
    public var growth: BitsPerSecond
    /// What the device runs, if it said.
    public var firmware: String?
    /// What the device is, if it said.
    public var model: String?
    /// False when nothing on the device would put it back by itself; nil when something does.
    public var hasRevertTimer: Bool?
    /// How long the device takes to start at most, when it starts anew to go back by itself; else nil.
    public var restartTakes: Timespan?
    /// How long the device's revert timer waits, when that is longer than the policy says; else nil.
    public var revertTimer: Timespan?

    /// A change rendered for one device.
    public init(
        intents: [ResolvedIntent], base: DeviceConfig, desired: DeviceConfig, growth: BitsPerSecond,
        firmware: String? = nil, model: String? = nil, hasRevertTimer: Bool? = nil, restartTakes: Timespan? = nil,
        revertTimer: Timespan? = nil
    ) {
        self.intents = intents
        self.base = base
        self.baseDigest = base.digest
        self.desired = desired
        self.growth = growth
        self.firmware = firmware
        self.model = model
        self.hasRevertTimer = hasRevertTimer
        self.restartTakes = restartTakes
        self.revertTimer = revertTimer
    }
}

extension Plan {
    /// The devices that would be changed with nothing on them that puts them back.
    public var withoutRevertTimer: [DeviceName] {
        devices.filter { $0.target?.hasRevertTimer == false }.map(\.device.name)
    }

    /// The devices that would start anew if nobody confirmed.
    public var restartingToRevert: [DeviceName] {
        devices.filter { $0.target?.restartTakes != nil }.map(\.device.name)
    }

    /// Why the plan may not be carried out, and what to do; nil when it may.
    public var refusal: String? {
        let bare = withoutRevertTimer
        guard !bare.isEmpty, policy.withoutRevertTimer != .allow else { return nil }
        let names = bare.prefix(5).map(\.rawValue).joined(separator: ", ")
        let others = bare.count > 5 ? " and \(bare.count - 5) more" : ""
        return
            "no revert timer on \(names)\(others): if the change cuts such a device off, nothing on it goes back. Leave"
            + " them out and plan again (rollout plan -l '!\(bare[0].rawValue)'), or say so in the policy"
            + " (without_revert_timer: allow) and plan again"
    }
}

/// A device that was selected but is left out.
public struct SkippedDevice: Hashable, Codable, Sendable {
    /// Which one.
    public var name: DeviceName
    /// Why.
    public var reason: Reason
    /// The reason in words, with what was expected.
    public var detail: String

    /// A device that is left out.
    public init(name: DeviceName, reason: Reason, detail: String) {
        self.name = name
        self.reason = reason
        self.detail = detail
    }

    /// Why a device is left out.
    public enum Reason: String, Codable, Sendable {
        /// It already is as the change wants it.
        case noChange = "no_change"
        /// It could not be read.
        case unreachable
        /// It was read but cannot be changed safely: wrong hostname, foreign revert timer, unsupported configuration.
        case refused
    }
}

/// A shared link in a plan.
public struct PlannedLink: Hashable, Codable, Sendable {
    /// The link as the inventory had it.
    public var link: Link
    /// Its load when the plan was made; nil when it could not be measured.
    public var measured: BitsPerSecond?
    /// The load it must stay under: capacity times headroom.
    public var cap: BitsPerSecond
    /// The predicted load when all is done.
    public var predicted: BitsPerSecond?

    /// A shared link in a plan.
    public init(link: Link, measured: BitsPerSecond?, cap: BitsPerSecond, predicted: BitsPerSecond?) {
        self.link = link
        self.measured = measured
        self.cap = cap
        self.predicted = predicted
    }
}

/// Devices that are changed together, and the gate behind them.
public struct Wave: Hashable, Codable, Sendable {
    /// Its number, from 0; the canary is wave 0.
    public var index: Int
    /// The waves whose gates must have passed before this one starts.
    public var after: [Int]
    /// Whether these are the canaries.
    public var canary: Bool
    /// The product range, when the policy separates ranges.
    public var range: RangeName?
    /// The datacentre, when the policy separates datacentres.
    public var datacentre: DatacentreName?
    /// The devices, in the order in which they start.
    public var devices: [DeviceName]
    /// How long it must stay healthy.
    public var soak: Timespan
    /// What kept it from being larger.
    public var binding: BindingConstraint
    /// The predicted load of each link that its devices load, when the wave is done.
    public var predicted: [LinkPrediction]

    /// A wave.
    public init(
        index: Int, after: [Int], canary: Bool, range: RangeName?, datacentre: DatacentreName?, devices: [DeviceName],
        soak: Timespan, binding: BindingConstraint, predicted: [LinkPrediction]
    ) {
        self.index = index
        self.after = after
        self.canary = canary
        self.range = range
        self.datacentre = datacentre
        self.devices = devices
        self.soak = soak
        self.binding = binding
        self.predicted = predicted
    }
}

/// The predicted load of one link when a wave is done.
public struct LinkPrediction: Hashable, Codable, Sendable {
    /// Which link.
    public var link: LinkName
    /// Measured load and the growth of this wave and those before it.
    public var load: BitsPerSecond
    /// What it must stay under.
    public var cap: BitsPerSecond

    /// The predicted load of one link.
    public init(link: LinkName, load: BitsPerSecond, cap: BitsPerSecond) {
        self.link = link
        self.load = load
        self.cap = cap
    }
}

/// What kept a wave from being larger.
public enum BindingConstraint: Hashable, Codable, Sendable {
    /// Nothing: every device that was left is in it.
    case none
    /// The canary rule.
    case canary
    /// The policy's number of devices in a wave.
    case waveSize(Int)
    /// The policy's share of the group in a wave, as a number of devices.
    case waveShare(Share, Int)
    /// No more devices may be in debt at once.
    case peakDebt(Int)
    /// The next device shares a failure domain with one in the wave.
    case isolation(FailureDomain)
}
