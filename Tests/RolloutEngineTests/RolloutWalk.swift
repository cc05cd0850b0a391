import RolloutEngine

/// Walks a plan through the real reconciler and the real fold, against devices that are a few lines of truth each, with
/// seeded faults: lost replies, refusals, unreachable devices, crashes of the controller, bad gates, operators.
///
/// After every journal entry the promises are checked; the first one that is broken is kept in `violation`.
struct RolloutWalk {
    /// Which faults happen, in percent.
    struct Faults {
        var failure = 0
        var crash = 0
        var badGate = 0
        var operators = 0
        static let none = Faults()
        static let all = Faults(failure: 15, crash: 4, badGate: 8, operators: 3)
    }

    private struct Truth {
        var holdsTarget = false
        var timerEnds: Instant?
        var effectivePushes = 0
        /// Whether what it holds was confirmed, and so saved.
        var isSaved = true

        mutating func passTime(to now: Instant) {
            guard let end = timerEnds, end <= now else { return }
            timerEnds = nil
            holdsTarget = false
        }
    }

    private struct Flight {
        var step: DeviceStep
        var ends: Instant
    }

    let plan: Plan
    private var faults: Faults
    private(set) var state = RolloutState()
    private(set) var entries: [JournalEntry] = []
    private(set) var violation: String?
    /// Whether the last run came to rest.
    private(set) var rested = false
    private(set) var now = Samples.start
    private var random: SeededRandom
    private var truths: [DeviceName: Truth] = [:]
    private var flights: [Flight] = []
    private let reconciler: Reconciler
    private let domains: [DeviceName: [FailureDomain]]
    /// Devices that have no revert timer.
    private let bare: Set<DeviceName>

    init(_ plan: Plan, seed: UInt64, faults: Faults = .none) {
        self.plan = plan
        self.faults = faults
        random = SeededRandom(seed: seed)
        reconciler = Reconciler(plan: plan)
        domains = Dictionary(
            plan.devices.map { ($0.device.name, $0.device.domains) }, uniquingKeysWith: { first, _ in first })
        bare = Set(plan.withoutRevertTimer)
        append(.created(planDigest: Digest(of: "plan"), by: "test"))
        append(.driving(holder: "walk"))
    }

    /// Whether the walk is over: ended, or standing still for a person.
    var isAtRest: Bool { flights.isEmpty && reconciler.isAtRest(state, at: now) }

    /// What the devices truly hold.
    func holdsTarget(_ device: DeviceName) -> Bool { truths[device]?.holdsTarget ?? false }
    /// Whether a timer is truly running on a device.
    func hasTimer(_ device: DeviceName) -> Bool { truths[device]?.timerEnds != nil }
    /// Whether what a device holds would survive its restart.
    func isSaved(_ device: DeviceName) -> Bool { truths[device]?.isSaved ?? true }

    /// The same world, from now on without faults.
    func healed() -> RolloutWalk {
        var copy = self
        copy.faults = .none
        return copy
    }

    /// An operator speaks.
    mutating func ask(_ verb: OperatorRequest.Verb) { append(.requested(OperatorRequest(verb, by: "operator"))) }

    /// Walks until rest, at most this number of turns.
    mutating func run(turns: Int = 5000) {
        rested = false
        for _ in 0..<turns {
            if violation != nil || isAtRest {
                rested = true
                return
            }
            turn()
        }
    }

    private mutating func turn() {
        if random.chance(faults.crash) { crash() }
        if random.chance(faults.operators) { operate() }
        var actedOnFacts = false
        for action in reconciler.next(state, at: now, watchedSince: Samples.start) {
            switch action {
            case .record(let fact):
                append(fact)
                actedOnFacts = true
            case .perform(let step):
                append(.intent(step))
                flights.append(Flight(step: step, ends: now + .seconds(Int64.random(in: 1...8, using: &random))))
                // Whether the command arrived is decided now; whether we hear of it, later.
                act(step)
            case .judge(let wave):
                for rule in plan.policy.gates { append(.judged(wave: wave, verdict(rule))) }
                actedOnFacts = true
            case .collectEvidence(let name): append(.evidence(name, Evidence(items: [])))
            case .wake: break
            }
        }
        if actedOnFacts { return }
        now = flights.map(\.ends).min().map { max($0, now) } ?? now + .seconds(5)
        for name in truths.keys { truths[name]?.passTime(to: now) }
        if let index = flights.firstIndex(where: { $0.ends <= now }) {
            let flight = flights.remove(at: index)
            append(.outcome(flight.step, result(of: flight.step)))
        }
    }

    private mutating func crash() {
        flights = []
        now = now + .seconds(Int64.random(in: 1...1200, using: &random))
        for name in truths.keys { truths[name]?.passTime(to: now) }
        append(.driving(holder: "walk again"))
    }

    private mutating func operate() {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: ask(.pause)
        case 1: ask(.resume(nil))
        case 2: ask(.rollBack(.wave(Int.random(in: 0..<max(1, plan.waves.count), using: &random))))
        case 3: ask(.retryFailed)
        default: ask(.abort)
        }
    }

    // MARK: Devices

    private mutating func act(_ step: DeviceStep) {
        var truth = truths[step.device] ?? Truth()
        truth.passTime(to: now)
        defer { truths[step.device] = truth }
        let arrives = !random.chance(faults.failure)
        guard arrives else { return }
        switch step.kind {
        case .push:
            guard truth.timerEnds == nil, !truth.holdsTarget else { return }
            truth.holdsTarget = true
            truth.timerEnds = bare.contains(step.device) ? nil : now + plan.policy.revertTimer
            truth.isSaved = false
            truth.effectivePushes += 1
        case .confirm:
            guard truth.holdsTarget else { return }
            truth.timerEnds = nil
            truth.isSaved = true
        case .rollBack:
            truth.isSaved = true
            truth.holdsTarget = false
            truth.timerEnds = nil
        case .observe: break
        }
    }

    private mutating func result(of step: DeviceStep) -> StepResult {
        let truth = truths[step.device] ?? Truth()
        if random.chance(faults.failure) {
            let lost = DriverError(.connectionLost, "lost", effect: step.kind == .observe ? .none : .possible)
            let refused = DriverError(.refused, "no", effect: .possible)
            return .failed(random.chance(80) ? lost : refused)
        }
        let remaining = truth.timerEnds.map { $0 - now }
        switch (truth.holdsTarget, remaining) {
        case (true, nil) where bare.contains(step.device) && step.kind == .push: return .done(revertsAt: nil)
        // One that did not get there was never answered.
        case (true, nil) where bare.contains(step.device) && step.kind == .confirm && !truth.isSaved:
            return .failed(DriverError(.connectionLost, "lost", effect: .possible))
        // As a performer has it: nothing on such a device tells whether it was confirmed.
        case (true, nil) where bare.contains(step.device) && step.kind == .observe: return .found(.pendingTarget(nil))
        case (true, nil): return step.kind == .confirm ? .done(revertsAt: nil) : .found(.target)
        case (false, nil): return .found(.base)
        case (true, let left?): return step.kind == .push ? .done(revertsAt: now + left) : .found(.pendingTarget(left))
        case (false, let left?): return .found(.pendingBase(left))
        }
    }

    private mutating func verdict(_ rule: GateRule) -> Verdict {
        let window = Verdict.Window(from: now, to: now)
        let outcome: Verdict.Outcome =
            random.chance(faults.badGate) ? (random.chance(50) ? .fail : .inconclusive) : .pass
        return Verdict(gate: rule.name, outcome: outcome, reason: "test", findings: [], before: window, after: window)
    }

    // MARK: Promises

    private mutating func append(_ fact: Fact) {
        let entry = JournalEntry(sequence: Int64(entries.count + 1), at: now, fence: 1, fact: fact)
        if case .intent(let step) = fact, step.kind == .push { checkPush(step) }
        entries.append(entry)
        state.apply(entry)
        check(fact)
    }

    private mutating func broken(_ promise: String) { violation = violation ?? "\(promise) (entry \(entries.count))" }

    private mutating func checkPush(_ step: DeviceStep) {
        if state.isPaused { broken("P10 \(step.device) is pushed while paused") }
        if state.abortedAt != nil { broken("\(step.device) is pushed after an abort") }
        if state[step.device].phase != .waiting {
            broken("P1 \(step.device) is pushed while \(state[step.device].phase)")
        }
        guard let wave = plan.waves.first(where: { $0.devices.contains(step.device) }) else { return }
        for before in wave.after where state[wave: before].passedAt == nil {
            broken("P8 wave \(wave.index) pushes before wave \(before) passed")
        }
        for other in plan.waves.flatMap(\.devices) where other != step.device {
            guard !Set(domains[other] ?? []).isDisjoint(with: domains[step.device] ?? []) else { continue }
            let unproven =
                state[other].isUnsettled || state[other].isUnknown
                || (state[other].phase == .confirmed && !passed(other))
            if unproven { broken("P6 \(step.device) is pushed while its pair \(other) is \(state[other].phase)") }
        }
    }

    private func passed(_ device: DeviceName) -> Bool {
        plan.waves.first { $0.devices.contains(device) }.map { state[wave: $0.index].passedAt != nil } ?? false
    }

    private mutating func check(_ fact: Fact) {
        if case .intent(let step) = fact, step.kind == .push {
            if bare.contains(step.device) != (step.revertsBy == nil) {
                broken("\(step.device) is said to revert by \(step.revertsBy.map { "\($0)" } ?? "nothing")")
            }
            let flying = plan.waves.flatMap(\.devices).count { state[$0].isUnsettled }
            if flying > plan.policy.inFlight.overall {
                broken("\(flying) devices in flight, the cap is \(plan.policy.inFlight.overall)")
            }
        }
        if case .finished(let ending) = fact {
            for device in plan.waves.flatMap(\.devices) {
                if state[device].isUnsettled || state[device].isUnknown {
                    broken("P2 ended with \(device) \(state[device].phase)")
                }
                if hasTimer(device) { broken("P2 ended with a timer running on \(device)") }
                if holdsTarget(device) != (state[device].phase == .confirmed) {
                    broken(
                        "the journal says \(device) is \(state[device].phase), it holds target: \(holdsTarget(device))")
                }
                if bare.contains(device), state[device].phase == .confirmed, !isSaved(device) {
                    broken("\(device) is confirmed, and nobody saved it")
                }
                if ending == .rolledBack && holdsTarget(device) {
                    broken("P16 rolled back, but \(device) holds the change")
                }
            }
        }
    }
}
