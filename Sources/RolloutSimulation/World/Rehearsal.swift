public import RolloutEngine

/// Tonight's plan, played through the real engine against a fleet that exists only in memory: made from the plan itself, each
/// device holding what was read of it.
public struct Rehearsal: Sendable {
    /// The plan.
    public let plan: PlanFile
    /// How long a device needs from the push to its confirmation, roughly: each device somewhat less or more.
    public let perDevice: Timespan
    /// When it begins.
    public let start: Instant

    /// Prepares to rehearse a plan. Whoever has to approve is taken to have done so in time.
    ///
    /// - Parameter now: The rehearsal begins then, or when the first wave's window is about to open.
    /// - Throws: What encoding the plan throws.
    public init(_ plan: PlanFile, perDevice: Timespan, now: Instant) throws {
        var unasked = plan.plan
        unasked.policy.approvals = nil
        self.plan = plan.plan.policy.approvals == nil ? plan : try PlanFile(unasked)
        self.perDevice = perDevice
        let lead = plan.plan.policy.watch.baseline + .minutes(1)
        let first = plan.plan.waves.first?.datacentre.flatMap { name in plan.plan.datacentres.first { $0.name == name }
        }
        let opening = first.flatMap {
            MaintenanceCalendar.start(
                in: $0, leaving: PlanDuration.estimate(plan.plan.waves[0], plan.plan.policy), from: now)
        }
        start = max(now, (opening ?? now) - lead)
    }

    /// Plays one night.
    ///
    /// - Parameters:
    ///   - trouble: What goes wrong, once, somewhere; nil for nothing.
    ///   - seed: Where, when and how fast.
    /// - Throws: `SimulationError` for a plan that cannot be played.
    public func play(_ trouble: RehearsedTrouble?, seed: UInt64) throws -> RehearsedNight {
        let loop = SimulationLoop(clock: ManualClock(at: start))
        let witness = Witness()
        let fleet = SimulatedFleet.inMemory(
            FleetState(before: plan.plan, at: start), clock: loop.clock, observer: witness.sees)
        let referee = Referee(plan.plan, isHarmful: trouble == .harm, clock: loop.clock, keepingTrace: false)
        var dice = SeededRandom(seed: seed, stream: "rehearsal")
        let changed = plan.plan.waves.flatMap(\.devices)
        if trouble == .harm {
            for name in changed {
                let tenth = BitsPerSecond(try fleet.device(name).demand.value / 10)
                try fleet.inject(.strangled(tenth), on: name, whileChanged: true)
            }
        }
        var events: [Scenario.Event] = []
        if let what = trouble?.event(on: index(of: changed.randomElement(using: &dice))) {
            // Each device has six facts or so, and each wave as many.
            let facts = Int64(changed.count + plan.plan.waves.count) * 6
            events.append(
                Scenario.Event(at: .zero, afterEntry: Int64.random(in: 1...max(2, facts), using: &dice), what: what))
        }
        let wire = Scenario.Wire(delay: .milliseconds(max(1, perDevice.milliseconds / 4)))
        let stage = World.Stage(seed: seed, wire: wire, events: events, horizon: nil, tick: .seconds(1))
        let course = try World.play(stage, fleet, plan, referee, witness, in: loop)
        return RehearsedNight(referee.notes, plan.plan, started: start, lasting: course.length)
    }

    private func index(of device: DeviceName?) -> Int { plan.plan.devices.firstIndex { $0.device.name == device } ?? 0 }
}

/// What can go wrong in a rehearsal.
public enum RehearsedTrouble: Hashable, Sendable, CustomStringConvertible {
    /// One device has a fault from some moment on.
    case fault(Fault)
    /// The change starves every device that gets it.
    case harm
    /// The process that drives is killed; a minute later somebody says `apply --resume`.
    case kill
    /// The machine that drives loses power, for five minutes.
    case power
    /// The disk under the journal is full.
    case fullDisk

    /// How each is written.
    public static let examples = ["harm", "kill", "power", "full-disk"] + Fault.examples

    /// What is rehearsed unless somebody chooses.
    public static let usual: [RehearsedTrouble] = [
        .fault(.unreachable), .fault(.liar), .fault(.dropsReply(.push)), .fault(.dropsReply(.confirm)),
        .fault(.changedHostKey), .fault(.snmpSilent), .fault(.interfaceDown), .fault(.errors(perSecond: 50)), .harm,
        .kill,
        .power, .fullDisk,
    ]

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "harm": self = .harm
        case "kill": self = .kill
        case "power": self = .power
        case "full-disk": self = .fullDisk
        default:
            guard let fault = Fault(text) else { return nil }
            self = .fault(fault)
        }
    }

    /// As in `examples`.
    public var description: String {
        switch self {
        case .fault(let fault): fault.description
        case .harm: "harm"
        case .kill: "kill"
        case .power: "power"
        case .fullDisk: "full-disk"
        }
    }

    func event(on device: Int) -> Scenario.What? {
        switch self {
        case .fault(let fault): .fault(device: device, fault, lasting: .minutes(60 * 24 * 30))
        case .harm: nil
        case .kill: .kill(after: .minutes(1))
        case .power: .losePower(after: .minutes(5))
        case .fullDisk: .fullStore(.minutes(60 * 24 * 30))
        }
    }
}

/// What became of a rehearsed night.
public struct RehearsedNight: Sendable {
    /// How it ended; nil when it stands still and waits for a person.
    public let ending: Ending?
    /// Why it stands still.
    public let pauses: [PauseReason]
    /// Why something was put back, in the order in which it was decided.
    public let rollbacks: [String]
    /// From the start of the first wave to the end, or to where it stood still.
    public let length: Timespan
    /// The windows in which it began and ended are the same; nil when there are none.
    public let isOneNight: Bool?
    /// Devices that hold the change in the end.
    public let confirmed: Int
    /// Devices of which nobody knows what they hold, or whose timer still runs.
    public let unknown: Int
    /// A promise of the engine that was broken: a bug, to be reported.
    public let violation: Violation?

    init(_ notes: RefereeNotes, _ plan: Plan, started: Instant, lasting: Timespan) {
        let state = notes.state
        let devices = plan.waves.flatMap(\.devices).map { state[$0] }
        ending = state.ending
        pauses = state.pauses.map(\.reason)
        rollbacks = state.rollbacks.map(\.because)
        let end = state.endedAt ?? started + lasting
        let begin = state.startedAt ?? end
        length = end - begin
        let windows = plan.datacentres.filter { $0.window != nil }
        let closings = windows.compactMap { MaintenanceCalendar.closing(of: $0, at: begin) }
        isOneNight = windows.isEmpty ? nil : closings.max().map { end <= $0 } ?? false
        confirmed = devices.count { $0.phase == .confirmed }
        unknown = devices.count { $0.isUnsettled || $0.isUnknown }
        violation = notes.violation
    }
}
