public import RolloutEngine

/// How a device takes a change, by the class of its platform.
public enum ApplyStyle: String, Codable, Sendable, CaseIterable {
    /// A timer is armed, then the change is made: Linux.
    case armThenApply = "arm-then-apply"
    /// A candidate is committed as a whole, and the commit carries its own timer: Junos, EOS.
    case commitConfirmed = "commit-confirmed"
    /// A timer is armed, then each section is changed by itself: classic line by line configuration.
    case lineByLine = "line-by-line"
    /// As with a commit that carries its timer, but only the session that made it can confirm it or take it back: IOS XR.
    case heldSession = "held-session"
}

/// One simulated device at an instant: its configuration, its revert timer, its traffic and its counters. Pure.
public struct SimulatedDevice: Hashable, Codable, Sendable {
    /// Its name in the inventory it was made from.
    public let name: DeviceName
    /// Where it answers.
    public let address: String
    /// The hostname it answers with.
    public var hostname: String
    /// Its interfaces. What is offered to it leaves through all of them alike.
    public let interfaces: [String]
    /// The shared links that its traffic loads.
    public let links: [LinkName]
    /// What it holds.
    public internal(set) var running: DeviceConfig { didSet { flows = Flows() } }
    /// The revert timer that is armed on it.
    public internal(set) var timer: ArmedTimer?
    /// How it takes a change.
    public var style = ApplyStyle.armThenApply
    /// Whether it says of a change that was cut off that it was.
    public var tellsParts: Bool?
    /// What its customers would send if nothing held them back.
    public var demand: BitsPerSecond { didSet { flows = Flows() } }
    /// What is wrong with it.
    public internal(set) var faults: [SetFault] = [] { didSet { flows = Flows() } }
    /// Its counters, one set an interface, in their order.
    public internal(set) var counters: [TrafficCounters]
    /// When it last started.
    public internal(set) var bootedAt: Instant
    /// How often it has started.
    public internal(set) var boots: UInt32 = 1
    /// When its interfaces last went down or came up by a fault; nil when they never did since it started.
    public internal(set) var linkChangedAt: Instant?
    /// Until when it is starting: it answers nothing and carries nothing.
    public internal(set) var downUntil: Instant? { didSet { flows = Flows() } }
    /// How often anything on it was changed from outside: a timer armed or disarmed, a configuration applied or put back.
    public internal(set) var writes = 0
    /// How often each mark's push was applied. More than once breaks a promise.
    public internal(set) var pushes: [String: Int] = [:]
    /// How often a revert timer went off.
    public internal(set) var reverts = 0
    /// What its interfaces carry until something about it changes.
    private var flows = Flows()

    private enum CodingKeys: CodingKey {
        case name, address, hostname, interfaces, links, running, timer, style, tellsParts, demand, faults, counters
        case bootedAt, boots, linkChangedAt, downUntil, writes, pushes, reverts
    }

    /// Worked out from everything else, so that two devices are the same whether or not it was.
    private struct Flows: Hashable {
        var known: [Flow]?

        static func == (_: Self, _: Self) -> Bool { true }
        func hash(into _: inout Hasher) {}
    }

    /// A revert timer that is armed.
    public struct ArmedTimer: Hashable, Codable, Sendable {
        /// Who armed it.
        public var mark: String
        /// When it goes off.
        public var deadline: Instant
        /// What it puts back.
        public var restores: DeviceConfig
        /// Whether the change that it guards is known to be only in part on the device.
        public var isCutOff: Bool?
        /// The only process that can take it away; nil for any.
        public var session: String?
    }

    init(
        name: DeviceName, address: String, hostname: String, interfaces: [String], links: [LinkName],
        running: DeviceConfig, demand: BitsPerSecond, bootedAt: Instant
    ) {
        self.name = name
        self.address = address
        self.hostname = hostname
        self.interfaces = interfaces
        self.links = links
        self.running = running
        self.demand = demand
        self.bootedAt = bootedAt
        counters = interfaces.map { _ in TrafficCounters() }
    }

    /// The faults that count now.
    public var activeFaults: [Fault] {
        faults.filter { $0.unlessConfig == nil || $0.unlessConfig != running.digest }.map(\.fault)
    }

    /// Whether it is starting.
    public var isDown: Bool { downUntil != nil }

    // MARK: Configuration

    /// What it holds of a scope; nil for an interface that it does not have.
    func config(in scope: ConfigScope) -> DeviceConfig? {
        guard scope.allInterfaces.allSatisfy(interfaces.contains) else { return nil }
        let names =
            scope.interfaces.map(ShapingLine.section) + (scope.policed ?? []).map(\.section)
            + scope.files.map { "file \($0)" }
        return DeviceConfig(sections: names.map { section(named: $0) })
    }

    mutating func arm(_ timer: ArmedTimer) {
        self.timer = timer
        writes += 1
    }

    /// The change that the timer guards is whole.
    mutating func isWhole() { timer?.isCutOff = nil }

    mutating func disarm() {
        timer = nil
        writes += 1
    }

    mutating func apply(_ config: DeviceConfig) {
        put(config)
        writes += 1
    }

    /// Whoever told it what it held already has changed nothing on it.
    mutating func forgetVainWrite(since before: SimulatedDevice) {
        var same = self
        (same.writes, same.pushes) = (before.writes, before.pushes)
        if same == before { self = before }
    }

    /// Loses what nobody confirmed, and starts its counters anew, as a device that boots from its saved configuration.
    mutating func reboot(at now: Instant, taking span: Timespan) {
        if let timer { put(timer.restores) }
        timer = nil
        counters = interfaces.map { _ in TrafficCounters() }
        boots += 1
        bootedAt = now
        linkChangedAt = nil
        downUntil = now + span
    }

    private func section(named name: String) -> DeviceConfig.Section {
        running.sections.first { $0.name == name } ?? DeviceConfig.Section(name: name, lines: [])
    }

    private mutating func put(_ config: DeviceConfig) {
        for section in config.sections {
            if let index = running.sections.firstIndex(where: { $0.name == section.name }) {
                running.sections[index] = section
            } else {
                running.sections.append(section)
            }
        }
    }

    // MARK: Time

    /// When something happens to it by itself next.
    var nextEvent: Instant? {
        guard let deadline = timer?.deadline, let downUntil else { return timer?.deadline ?? downUntil }
        return min(deadline, downUntil)
    }

    /// Lets happen what is due: the timer goes off, the start is over.
    mutating func passEvents(at now: Instant) {
        if let until = downUntil, now >= until {
            downUntil = nil
            bootedAt = until
        }
        guard let timer, now >= timer.deadline else { return }
        put(timer.restores)
        self.timer = nil
        reverts += 1
    }

    /// Counts what it carries in a span in which nothing changes, and returns the octets that it sent.
    mutating func carry(for span: Timespan) -> Double {
        let flows = flows.known ?? interfaces.map(flow)
        self.flows.known = flows
        var octets = 0.0
        for (index, flow) in flows.enumerated() {
            counters[index].add(flow, for: span)
            octets += flow.rate / 8 * span.seconds
        }
        return octets
    }

    /// What an interface carries now.
    func flow(_ interface: String) -> Flow {
        let faults = activeFaults
        guard !isDown, !faults.contains(.interfaceDown) else { return Flow() }
        let offered = Double(demand.value) / Double(interfaces.count)
        let lines = section(named: ShapingLine.section(of: interface)).lines
        let cap = lines.first.flatMap { ShapingLine($0) }.map { Double($0.rate.value) } ?? .infinity
        var flow = Flow(rate: min(offered, cap))
        // Senders slow down when packets are lost; only what is offered beyond twice the cap stays lost.
        flow.discards = max(0, offered - 2 * cap) / Flow.bitsPerPacket
        for fault in faults {
            switch fault {
            case .strangled(let limit): flow.rate = min(flow.rate, Double(limit.value))
            case .errors(let rate): flow.errors += rate
            case .discards(let rate): flow.discards += rate
            default: break
            }
        }
        return flow
    }
}

/// What passes an interface in a second.
struct Flow {
    /// Bits.
    var rate = 0.0
    /// Packets with errors.
    var errors = 0.0
    /// Packets dropped.
    var discards = 0.0

    /// A packet of 1,250 bytes.
    static let bitsPerPacket = 10_000.0
}

/// Counters of one interface since the device started. Fractions are kept, so that many short spans add up to one long one.
public struct TrafficCounters: Hashable, Codable, Sendable {
    /// Octets received: a tenth of what is sent, as acknowledgements and requests.
    public internal(set) var inOctets = 0.0
    /// Octets sent.
    public internal(set) var outOctets = 0.0
    /// Packets not sent for an error.
    public internal(set) var outErrors = 0.0
    /// Packets dropped on the way out.
    public internal(set) var outDiscards = 0.0

    mutating func add(_ flow: Flow, for span: Timespan) {
        let octets = flow.rate / 8 * span.seconds
        outOctets += octets
        inOctets += octets / 10
        outErrors += flow.errors * span.seconds
        outDiscards += flow.discards * span.seconds
    }
}
