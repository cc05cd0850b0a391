internal import RolloutEngine
internal import Synchronization

/// Sees what is done to the devices of a fleet that is made before there is a referee to tell.
final class Witness: Sendable {
    private let referee = Mutex<Referee?>(nil)

    func tells(_ referee: Referee) { self.referee.withLock { $0 = referee } }

    func sees(_ before: SimulatedDevice, _ after: SimulatedDevice, at now: Instant) {
        referee.withLock(\.self)?.changed(before, after)
    }
}

/// Sees every fact and every change of a device in a simulated night, and knows the promises. It believes the devices.
final class Referee: Sendable {
    private let clock: any EngineClock
    private let contents: Mutex<RefereeNotes>
    private let fleet = Mutex<SimulatedFleet?>(nil)
    private let listener = Mutex<AsyncStream<Int64>.Continuation?>(nil)

    init(_ plan: Plan, isHarmful: Bool, clock: any EngineClock, keepingTrace: Bool) {
        self.clock = clock
        contents = Mutex(RefereeNotes(plan, isHarmful: isHarmful, startedAt: clock.now(), keepingTrace: keepingTrace))
    }

    /// From now on it can see the fleet.
    func watches(_ fleet: SimulatedFleet) { self.fleet.withLock { $0 = fleet } }

    /// The night is over: the fleet, which tells it of every change, is let go, or both would stay in memory for ever.
    func looksAway() { fleet.withLock { $0 = nil } }

    /// What it noted so far.
    var notes: RefereeNotes { contents.withLock(\.self) }

    /// Whether a promise was broken: what comes after it is of no interest.
    var hasSeenEnough: Bool { contents.withLock { $0.violation != nil } }

    /// Facts were written.
    ///
    /// - Parameters:
    ///   - highestFence: The highest fence that there is; nil for what operators say.
    ///   - claims: What is claimed in the store then; nil likewise.
    func took(_ entries: [JournalEntry], highestFence: Int64? = nil, claims: [DomainClaim]? = nil) {
        let process = Controller.current?.name
        let lead = Controller.current?.lead ?? .zero
        let wallLead = Controller.current.map { $0.machineClock.now() - clock.now() } ?? .zero
        note { notes, truth, now in
            for entry in entries {
                let decidedAt = min(now, entry.at - lead)
                if let what = entry.fact.beginning { notes.checkWindows(what, decidedAt, decidedAt + wallLead, now) }
                notes.take(
                    entry, by: process, highestFence: highestFence, decidedAt: decidedAt, truth: truth, at: now)
            }
            notes.tookTogether(entries, claims: claims.map(Set.init), at: now)
        }
        listener.withLock { listener in for entry in entries { listener?.yield(entry.sequence) } }
    }

    /// The numbers of the entries that are written from now on, one after another.
    func entries() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int64.self)
        listener.withLock { $0 = continuation }
        return stream
    }

    /// Power was lost; these facts are left.
    func isLeft(with entries: [JournalEntry]) { note { $0.refold(entries, truth: $1, at: $2) } }

    /// A process begins with what it read of the journal.
    func begins(with known: RolloutState) { note { notes, _, now in notes.begins(with: known, at: now) } }

    /// A device was changed from outside.
    func changed(_ before: SimulatedDevice, _ after: SimulatedDevice) {
        let by = Controller.current
        note { notes, truth, now in notes.changed(before, after, by: by, truth: truth, at: now) }
    }

    /// A process has nothing left to do, and ends.
    func rests(after sequence: Int64) { note { $0.rests(after: sequence, truth: $1, at: $2) } }

    /// A process has read an agent.
    ///
    /// - Parameters:
    ///   - isAnswered: Whether the agent said something.
    ///   - date: When it did, or when it was given up.
    func reads(_ controller: Controller, _ subject: WatchedAgent.Subject, isAnswered: Bool, at date: Instant) {
        if controller.isDead { return }
        let now = clock.now()
        contents.withLock { notes in
            notes.hearing.isRead(at: now, poll: notes.plan.policy.watch.poll)
            if case .device(let name) = subject {
                notes.hearing.isRead(name, by: controller.name, isAnswered: isAnswered, at: date)
            }
            if controller.lease?.fence == notes.fence {
                notes.checkWatching(now)
                notes.checkBeside(now)
            }
        }
    }

    /// Somebody took the lease.
    func tookLease(_ lease: Lease, from previous: Lease?, stealing: Bool, at date: Instant) {
        note { notes, _, now in
            notes.takeLease(lease, from: previous, stealing: stealing, at: date, now)
        }
    }

    /// The process that took it hears of it.
    func knows(_ lease: Lease) { note { notes, _, _ in notes.knows(lease) } }

    /// A message goes to a device.
    func sends(_ controller: Controller, to device: DeviceName) {
        guard controller.knowsLeaseIsOver else { return }
        note { notes, truth, now in
            notes.broken("P4", "\(controller.name) sends to \(device) although its lease has run out", at: now)
        }
    }

    /// The world does something that the promises take into account.
    func happens(_ body: @Sendable (inout RefereeNotes, Instant) -> Void) {
        note { notes, _, now in body(&notes, now) }
    }

    /// The night is over: everything has to be in order.
    func end() { note { $0.end(truth: $1, at: $2) } }

    private func note(_ body: (inout RefereeNotes, FleetState, Instant) -> Void) {
        guard let state = try? fleet.withLock(\.self)?.state() else { return }
        let now = clock.now()
        contents.withLock { body(&$0, state, now) }
    }
}
