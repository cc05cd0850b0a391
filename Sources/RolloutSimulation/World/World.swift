internal import RolloutEngine

/// A night in which everything goes wrong that a scenario says: the real engine, in virtual time, against a fleet, a disk and a
/// wire that fail. The same scenario gives the same night, on every machine.
public actor World {
    let stage: Stage
    private let loop: SimulationLoop
    private let fleet: SimulatedFleet
    let disk: Disk
    let plan: PlanFile
    let referee: Referee
    private let start: Instant
    var id = RolloutID(0)
    private var others: OtherRollout?
    private var controllers: [Controller] = []
    /// Processes that somebody is going to start.
    private var expected = 0
    private var wires: [UnreliableWire] = []
    private var dice: SeededRandom
    /// How wrong the clock of the machine is on which everybody works.
    var clockOffset = Timespan.zero

    /// What happens in a night, whatever the fleet and the plan are.
    struct Stage: Sendable {
        var seed: UInt64
        var wire: Scenario.Wire
        var events: [Scenario.Event]
        /// When everything is mended and an operator sees to it that it ends; nil when nobody does.
        var horizon: Timespan?
        /// Whether the change does harm, so that nobody insists on it in the end.
        var isHarmful = false
        /// Whether work may be done in certain hours only, so that nobody waits for it to come to an end by itself.
        var hasWindow = false
        /// What another rollout holds until everything is mended.
        var others = OtherRollout.Holding()
        /// How often the engine looks around.
        var tick = Timespan.seconds(5)
        /// After how many facts a process keeps what they come to.
        var factsPerSnapshot: Int64 = 10_000
    }

    /// Plays a scenario to its end.
    ///
    /// - Parameter keepingTrace: Whether every event is kept in words.
    /// - Throws: `SimulationError` for a scenario that cannot be played.
    public static func play(_ scenario: Scenario, keepingTrace: Bool = false) throws -> NightReport {
        let loop = SimulationLoop()
        let plans = ScenarioPlan(scenario)
        let witness = Witness()
        let fleet = try SimulatedFleet.inMemory(plans.inventory, clock: loop.clock, observer: witness.sees)
        let plan: PlanFile = try loop.run { try await Self.plan(plans, fleet, loop.clock) }
        let referee = Referee(
            plan.plan, isHarmful: scenario.isHarmful, clock: loop.clock, keepingTrace: keepingTrace)
        let stage = Stage(
            seed: scenario.seed, wire: scenario.wire, events: scenario.events, horizon: scenario.horizon,
            isHarmful: scenario.isHarmful, hasWindow: scenario.window != nil,
            others: OtherRollout.Holding(
                debtors: scenario.peak?.others ?? 0, pair: scenario.othersHoldPair == true ? "gra-1" : nil),
            // Often in some nights, as each costs as much as many facts.
            factsPerSnapshot: scenario.seed % 16 == 0 ? Int64(3 + scenario.seed / 16 % 40) : 10_000)
        let course = try play(stage, fleet, plan, referee, witness, in: loop)
        return NightReport(scenario, referee.notes, course)
    }

    /// The course that a stage took.
    struct Course: Sendable {
        /// How long it lasted.
        var length: Timespan
        /// Where its journal is.
        var store: MemoryJournalStore
        /// The rollout in it.
        var rollout: RolloutID
    }

    /// Plays a stage.
    static func play(
        _ stage: Stage, _ fleet: SimulatedFleet, _ plan: PlanFile, _ referee: Referee, _ witness: Witness,
        in loop: SimulationLoop
    ) throws -> Course {
        referee.watches(fleet)
        witness.tells(referee)
        let world = World(stage, loop, fleet, plan, referee)
        defer {
            loop.stop()
            referee.looksAway()
        }
        try loop.run { try await world.play() }
        return Course(
            length: loop.clock.now() - world.start, store: world.disk.store, rollout: try loop.run { await world.id })
    }

    private init(
        _ stage: Stage, _ loop: SimulationLoop, _ fleet: SimulatedFleet, _ plan: PlanFile, _ referee: Referee
    ) {
        self.stage = stage
        self.loop = loop
        self.fleet = fleet
        self.plan = plan
        self.referee = referee
        start = loop.clock.now()
        dice = SeededRandom(seed: stage.seed, stream: "world")
        disk = Disk(losesPower: stage.events.contains { if case .losePower = $0.what { true } else { false } })
    }

    private static func plan(_ plans: ScenarioPlan, _ fleet: SimulatedFleet, _ clock: ManualClock) async throws
        -> PlanFile
    {
        let survey = Survey(
            drivers: DriverRegistry([SimulatedDriver(fleet)]), counters: SimulatedCounterSource(fleet), clock: clock)
        let surveyed = await survey.read(
            plans.selected, for: plans.change, revertTimer: plans.policy.revertTimer, atOnce: 8, within: .seconds(30),
            progress: { _ in })
        return try PlanFile(
            Planner.plan(
                Planner.Input(
                    tool: "simulation", now: clock.now(), inventory: plans.inventory, inputs: [],
                    change: plans.change, policy: plans.policy, limit: nil, surveyed: plans.withFirmware(surveyed),
                    loads: ["up": .known(.zero)])))
    }

    // MARK: The night

    private func play() async throws {
        id = try await disk.store.create(
            plan: plan.bytes, digest: plan.digest, title: "night", by: RefereeNotes.author, at: now)
        referee.took(try await disk.store.entries(of: id, after: 0))
        others = try await OtherRollout(stage.others, on: disk, plan, at: now)
        referee.happens { [stage] notes, _ in notes.others = stage.others }
        disk.written()
        disk.sync()
        drive()
        for event in stage.events where event.afterEntry == nil {
            later(event.at) { await $0.happen(event.what) }
        }
        let bound = stage.events.filter { $0.afterEntry != nil }
        if !bound.isEmpty {
            let entries = referee.entries()
            loop.start {
                var open = bound
                for await entry in entries {
                    let due = open.filter { $0.afterEntry == entry }
                    open.removeAll { $0.afterEntry == entry }
                    for event in due {
                        await self.later(event.at) { await $0.happen(event.what) }
                    }
                }
            }
        }
        guard let horizon = stage.horizon else { return await isLeftAlone() }
        await sleep(until: start + horizon)
        if isLost { return }
        mend()
        try await others?.giveBack(at: now)
        referee.happens { notes, _ in notes.others = OtherRollout.Holding() }
        disk.written()
        disk.sync()
        if await finish() { referee.end() }
    }

    var now: Instant { loop.clock.now() }
    private var isMended: Bool { stage.horizon.map { now >= start + $0 } ?? false }
    var isLost: Bool { referee.notes.violation != nil }

    private func sleep(until instant: Instant) async { await loop.clock.sleep(until: instant) }

    /// Something happens after a while, whatever happens until then.
    private func later(_ span: Timespan, _ body: @escaping @Sendable (isolated World) async -> Void) {
        let instant = now + span
        loop.start {
            await self.sleep(until: instant)
            await body(self)
        }
    }

    private func happen(_ what: Scenario.What) async {
        if isLost || isMended { return }
        referee.happens { $0.log(at: $1) { _ in "\(what)" } }
        let names = plan.plan.devices.map(\.device.name)
        switch what {
        case .fault(let number, let fault, let span):
            let name = names[number % names.count]
            try? fleet.inject(fault, on: name)
            referee.happens { $0.begin(fault, on: name, at: $1) }
            later(span) { $0.end(fault, on: name) }
        case .neighbourFault(let number, let fault, let span):
            let neighbours = plan.plan.beside?.devices.map(\.name) ?? []
            guard !neighbours.isEmpty else { return }
            let name = neighbours[number % neighbours.count]
            try? fleet.inject(fault, on: name)
            referee.happens { $0.begin(fault, on: name, at: $1) }
            later(span) { $0.end(fault, on: name) }
        case .coreLinkFull(let span):
            fillCore(true)
            later(span) { $0.fillCore(false) }
        case .uplinkFull(let span):
            fillUplink(true)
            later(span) { $0.fillUplink(false) }
        case .reboot(let number, let span):
            let name = names[number % names.count]
            referee.happens { $0.restarts(name, taking: span, at: $1) }
            try? fleet.reboot(name, taking: span)
        case .edit(let number):
            let name = names[number % names.count]
            referee.happens { $0.edit(name, at: $1) }
            try? fleet.edit(name, section: "qdisc e0", lines: ["tbf rate 7000000bit burst 32768b latency 50000us"])
        case .kill(let span):
            killAll()
            driveLater(span)
        case .losePower(let span):
            killAll()
            disk.losePower(&dice)
            let left = (try? await disk.store.entries(of: id, after: 0)) ?? []
            referee.isLeft(with: left)
            driveLater(span)
        case .freeze(let span):
            for controller in controllers where !controller.isGone { controller.freeze(until: now + span) }
            referee.happens { $0.standsStill(until: $1 + span) }
            driveLater(.seconds(40))
        case .steal: drive(stealing: true)
        case .setClock(let span):
            clockOffset = clockOffset + span
            for controller in controllers { controller.setClock(by: span) }
            referee.happens { $0.setsClock(by: span, at: $1) }
        case .fullStore(let span):
            setFull(true)
            later(span) { $0.setFull(false) }
        case .ask(let ask): await self.ask(ask)
        }
    }

    private func driveLater(_ span: Timespan) {
        expected += 1
        later(span) { world in
            world.expected -= 1
            world.drive()
        }
    }

    private func end(_ fault: Fault, on name: DeviceName) {
        try? fleet.heal(name, of: fault)
        referee.happens { $0.end(fault, on: name, at: $1) }
    }

    private func setFull(_ isFull: Bool) {
        disk.store.setFull(isFull)
        referee.happens { notes, _ in notes.isStoreFull = isFull }
    }

    private func fillUplink(_ isFull: Bool) {
        if isFull && isMended { return }
        try? fleet.change(link: "up") { $0.background = BitsPerSecond(isFull ? 950_000_000 : 0) }
        referee.happens { $0.uplinkIsFull(isFull, at: $1) }
    }

    private func fillCore(_ isFull: Bool) {
        if isFull && (isMended || plan.plan.beside == nil) { return }
        try? fleet.change(link: "core") { $0.background = BitsPerSecond(isFull ? 950_000_000 : 0) }
        referee.happens { $0.coreIsFull(isFull, at: $1) }
    }

    // MARK: Processes

    private func killAll() {
        for controller in controllers where !controller.isGone { controller.kill() }
        nobodyDrives()
    }

    private func nobodyDrives() {
        guard controllers.allSatisfy(\.isGone) else { return }
        referee.happens { $0.nobodyDrives(at: $1) }
    }

    /// Starts a process that tries to drive. As on a real machine it gives up when another one holds the lease, or soon tries
    /// again when that one was killed and left it.
    func drive(stealing: Bool = false) {
        let number = controllers.count + 1
        let controller = Controller("runner \(number)", clockOffset: clockOffset, world: loop.clock)
        let wire = UnreliableWire(
            of: controller, stage.wire, random: SeededRandom(seed: stage.seed, stream: "wire \(number)"),
            copying: SeededRandom(seed: stage.seed, stream: "copies \(number)"), referee: referee)
        let store = ControllerStore(
            of: controller, on: disk, random: SeededRandom(seed: stage.seed, stream: "store \(number)"),
            referee: referee)
        controllers.append(controller)
        wires.append(wire)
        if isMended { wire.heal() }
        let task = loop.start { [self] in
            await Controller.$current.withValue(controller) {
                await drive(controller, wire, store, stealing: stealing)
            }
            controller.end()
            await nobodyDrives()
        }
        controller.runs(in: task)
    }

    private nonisolated func drive(
        _ controller: Controller, _ wire: UnreliableWire, _ store: ControllerStore, stealing: Bool
    ) async {
        let known = (try? await store.state(of: id)) ?? RolloutState()
        referee.begins(with: known)
        let clock = SteadyClock(over: controller.machineClock, notBefore: known.lastEntryAt)
        controller.goes(by: clock)
        guard let (lease, previous) = await lease(for: controller, in: store, stealing: stealing) else { return }
        var configuration = RolloutRunner.Configuration(holder: controller.name)
        configuration.quietFrom = previous?.quietFrom(
            takenAt: clock.now(), isGone: false, leaseTime: Self.leaseTime)
        configuration.leaseTime = Self.leaseTime
        configuration.tick = stage.tick
        configuration.factsPerSnapshot = stage.factsPerSnapshot
        configuration.waitsForOperator = false
        let platforms = Set(plan.plan.devices.map(\.device.platform)).sorted()
        let performer = LocalStepPerformer(
            drivers: DriverRegistry([
                SimulatedDriver(fleet, over: wire, platforms: platforms, process: controller.name)
            ]),
            clock: clock, executor: loop)
        let runner = await RolloutRunner(
            rollout: id, plan: plan, from: known, lease: lease, configuration: configuration, store: store,
            performer: performer,
            counters: ControllerCounters(
                controller: controller, source: SimulatedCounterSource(fleet), referee: referee),
            clock: clock, onEntry: { _ in })
        if let end = try? await runner.run(), !controller.isDead { referee.rests(after: end.sequence) }
    }

    private static let leaseTime = Timespan.seconds(30)

    private nonisolated func lease(for controller: Controller, in store: ControllerStore, stealing: Bool) async
        -> (Lease, previous: Lease?)?
    {
        for attempt in 0...8 {
            if controller.isDead { return nil }
            do throws(StoreError) {
                let previous = try await store.lease(of: id)
                let lease = try await store.acquireLease(
                    of: id, holder: controller.name, lasting: Self.leaseTime, steal: stealing || attempt == 8,
                    at: controller.clock.now())
                return (lease, previous)
            } catch {
                guard error.code == .leaseHeld else { return nil }
                // Of a process that is gone on the same machine, or that an operator knows to be gone, the lease is taken.
                if attempt == 7 {
                    guard await isLeftBehind() else { return nil }
                    continue
                }
                await controller.clock.sleep(until: controller.clock.now() + .seconds(6))
            }
        }
        return nil
    }

    private func isLeftBehind() async -> Bool {
        let holder = try? await disk.store.lease(of: id)?.holder
        return controllers.contains { $0.name == holder && $0.isGone }
    }

    // MARK: The end

    private func mend() {
        referee.happens { $0.log(at: $1) { _ in "everything is mended" } }
        let neighbours = plan.plan.beside?.devices.map(\.name) ?? []
        for device in plan.plan.devices.map(\.device.name) + neighbours { try? fleet.heal(device) }
        referee.happens { $0.endFaults(at: $1) }
        fillCore(false)
        fillUplink(false)
        setFull(false)
        for controller in controllers { controller.thaw() }
        for wire in wires { wire.heal() }
    }

    /// Nobody does anything: it goes as far as it goes by itself.
    private func isLeftAlone() async {
        while expected > 0 || controllers.contains(where: { !$0.isGone }), !isLost {
            await sleep(until: now + .seconds(1))
        }
    }

    func comesToRest() async -> Bool {
        // Peaks come once a day.
        let peaks = plan.plan.policy.peak == nil ? 0 : Int64(plan.plan.waves.count + 3) * 2
        let patience = now + .minutes(240 + peaks * 24 * 60)
        let pace: Timespan = peaks == 0 ? .seconds(5) : .seconds(60)
        while controllers.contains(where: { !$0.isGone }) {
            if isLost { return false }
            if now > patience {
                referee.happens { notes, now in
                    let open = notes.plan.waves.flatMap(\.devices).map { "\($0) \(notes.state[$0].phase)" }
                    notes.broken(
                        "liveness", "everything is mended, and it goes on and on: \(open.joined(separator: ", "))",
                        at: now)
                }
                killAll()
                return false
            }
            await sleep(until: now + pace)
        }
        return !isLost
    }
}
