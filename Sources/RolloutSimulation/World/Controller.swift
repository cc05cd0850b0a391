internal import RolloutEngine
internal import Synchronization

/// One process that drives a rollout in a simulated night. It can be killed, it can stand still, and its clock may be wrong.
final class Controller: Sendable {
    /// Who it is, as it signs the lease.
    let name: String
    /// The time outside.
    let world: any EngineClock
    private let contents: Mutex<Contents>

    /// The process in which something is being done; nil outside of any.
    @TaskLocal static var current: Controller?

    init(_ name: String, clockOffset: Timespan, world: any EngineClock) {
        self.name = name
        self.world = world
        contents = Mutex(Contents(clockOffset: clockOffset))
    }

    /// Whether it was killed.
    var isDead: Bool { contents.withLock { $0.isDead } }
    /// Whether it is over, one way or the other.
    var isGone: Bool { contents.withLock { $0.isDead || $0.isDone } }
    /// Whether it stands still.
    var isFrozen: Bool { contents.withLock { $0.frozenUntil.map { world.now() < $0 } ?? false } }
    /// The lease as it knows it.
    var lease: Lease? {
        get { contents.withLock { $0.lease } }
        set { contents.withLock { $0.lease = newValue } }
    }

    /// Whether it knows, by its own clock, that the right to drive has run out.
    var knowsLeaseIsOver: Bool {
        let now = clock.now()
        return contents.withLock { $0.lease.map { now >= $0.expiresAt } ?? true }
    }

    /// The clock of its machine.
    var machineClock: ControllerClock { ControllerClock(controller: self) }
    /// The time as it goes on for this process.
    var clock: any EngineClock { contents.withLock { $0.clock } ?? machineClock }
    /// How far its time is ahead of the true time.
    var lead: Timespan { clock.now() - world.now() }

    /// From now on it goes by this clock.
    func goes(by clock: SteadyClock) { contents.withLock { $0.clock = clock } }

    fileprivate var offset: Timespan { contents.withLock { $0.clockOffset } }

    func kill() {
        let task = contents.withLock { contents in
            contents.isDead = true
            return contents.task
        }
        task?.cancel()
    }
    func end() { contents.withLock { $0.isDone = true } }
    func freeze(until instant: Instant) { contents.withLock { $0.frozenUntil = instant } }
    func thaw() { contents.withLock { $0.frozenUntil = nil } }
    func setClock(by span: Timespan) { contents.withLock { $0.clockOffset = $0.clockOffset + span } }
    func runs(in task: Task<Void, Never>) { contents.withLock { $0.task = task } }

    /// Goes on as soon as the process does.
    func awaitTurn() async {
        while let until = contents.withLock({ $0.isDead ? nil : $0.frozenUntil }), world.now() < until {
            await world.sleep(until: min(until, world.now() + .seconds(1)))
            if Task.isCancelled { return }
        }
    }

    private struct Contents {
        var clockOffset: Timespan
        var clock: SteadyClock?
        var isDead = false
        var isDone = false
        var frozenUntil: Instant?
        var lease: Lease?
        var task: Task<Void, Never>?
    }
}

/// The clock of a machine: that of the world, set wrongly.
struct ControllerClock: EngineClock {
    let controller: Controller

    func now() -> Instant { controller.world.now() + controller.offset }

    func uptime() -> Timespan { controller.world.uptime() }

    func sleep(until instant: Instant) async {
        await controller.world.sleep(until: instant - controller.offset)
        await controller.awaitTurn()
    }
}

/// Reads counters for a process, and dates them by its clock.
struct ControllerCounters: CounterSource {
    let controller: Controller
    let source: SimulatedCounterSource
    let referee: Referee

    func sample(_ agent: WatchedAgent) async -> CounterSample {
        var sample = await source.sample(agent)
        await controller.awaitTurn()
        // A wait for an answer that was cut off, as its process ended, is no silence.
        if Task.isCancelled && sample.unknown != nil { return sample }
        referee.reads(controller, agent.subject, isAnswered: sample.unknown == nil, at: sample.at)
        sample.at = sample.at + controller.lead
        return sample
    }
}
