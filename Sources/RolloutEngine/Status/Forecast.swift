/// When a rollout will be over if nothing goes wrong, wave by wave, in the hours of its datacentres. An estimate: nobody knows
/// what gates will say. Pure.
public struct Forecast: Hashable, Codable, Sendable {
    /// The waves that have not passed, in order, as far as hours are found for them.
    public private(set) var waves: [WaveForecast] = []
    /// When the last of them has soaked; nil when one fits into no hours.
    public private(set) var endsAt: Instant?
    /// When the hours close in which the first of them goes on; nil when they never close.
    public private(set) var tonightUntil: Instant?

    /// One wave.
    public struct WaveForecast: Hashable, Codable, Sendable {
        /// Its number.
        public var index: Int
        /// When it begins, or goes on.
        public var begins: Instant
        /// When it has soaked.
        public var ends: Instant
    }

    /// What is to be expected from `now` on.
    ///
    /// - Parameter now: By the clock on the wall, as windows are meant by it.
    public init(of plan: Plan, _ state: RolloutState, at now: Instant) {
        let reconciler = Reconciler(plan: plan)
        var clock = now
        if state.startedAt == nil, !plan.policy.gates.isEmpty { clock = clock + plan.policy.watch.baseline }
        let open = plan.waves.filter { !reconciler.hasPassed($0, state) }
        for wave in open {
            guard let begins = reconciler.opening(for: wave, state, from: clock) else { return }
            clock = begins + reconciler.estimate(of: wave, state, at: begins)
            waves.append(WaveForecast(index: wave.index, begins: begins, ends: clock))
        }
        endsAt = clock
        if let first = waves.first { tonightUntil = reconciler.closing(at: first.begins) }
    }

    /// Whether it ends in the hours in which it goes on next.
    public var endsTonight: Bool {
        guard let endsAt else { return false }
        return tonightUntil.map { endsAt <= $0 } ?? true
    }

    /// The waves that end in the hours in which it goes on next.
    public var wavesTonight: Int { waves.count { wave in tonightUntil.map { wave.ends <= $0 } ?? true } }
}

extension Reconciler {
    /// The first moment from `start` on at which a wave may begin or go on in all its datacentres; nil when there is none.
    fileprivate func opening(for wave: Wave, _ state: RolloutState, from start: Instant) -> Instant? {
        // What soaks needs no hours.
        if wave.devices.allSatisfy({ state[$0].phase != .waiting }) { return start }
        let needed = timeNeeded(by: wave, state)
        var begins = start
        // Each datacentre may only move it on; where their hours never meet, two years are soon over.
        for _ in 0..<1000 {
            var moved = begins
            for datacentre in places(of: wave) {
                guard let opening = MaintenanceCalendar.start(in: datacentre, leaving: needed, from: moved) else {
                    return nil
                }
                moved = opening
            }
            if moved == begins { return begins }
            begins = moved
        }
        return nil
    }

    /// How long a wave takes from `begins` on: what is left of its pushes at the pace of this rollout, and of its soak.
    fileprivate func estimate(of wave: Wave, _ state: RolloutState, at begins: Instant) -> Timespan {
        if let soaking = state[wave: wave.index].soakStartedAt { return max(.zero, soaking + wave.soak - begins) }
        let caps = plan.policy.inFlight
        let atOnce = max(1, min(caps.overall, caps.perDatacentre ?? .max))
        let waiting = wave.devices.count { state[$0].phase == .waiting }
        return pace(state) * Int64((waiting + atOnce - 1) / atOnce) + wave.soak
    }

    /// When the hours close that are open at an instant, of the datacentre where they close last; nil where none ever closes.
    fileprivate func closing(at instant: Instant) -> Instant? {
        plan.datacentres.filter { $0.window != nil || $0.blackouts != nil }
            .compactMap { MaintenanceCalendar.closing(of: $0, at: instant) }.max()
    }
}

extension Plan {
    /// What is left to do of it: the waves that have not passed. What is changed already is only watched.
    public func left(after state: RolloutState) -> Plan {
        let reconciler = Reconciler(plan: self)
        var rest = self
        let passed = Set(waves.filter { reconciler.hasPassed($0, state) }.map(\.index))
        rest.waves.removeAll { passed.contains($0.index) }
        for index in rest.waves.indices { rest.waves[index].after.removeAll(where: passed.contains) }
        let open = Set(rest.waves.flatMap(\.devices))
        for index in rest.devices.indices where !open.contains(rest.devices[index].device.name) {
            rest.devices[index].target = nil
        }
        return rest
    }
}
