/// Which devices have not carried their peaks yet: changed at night, they were tested at the lowest load of the day. Pure: debt
/// follows from the facts of the journal, and is paid by a fact that says a whole peak passed while it was watched.
struct PeakDebt: Sendable {
    /// The name under which it is written down that something waits for it, and under which a person may forgive it.
    static let gate: GateName = "peak"
    /// While nothing else is left to do, agents are read this many times more seldom.
    static let slowness: Int64 = 6

    /// How many devices may be in debt at once, over all rollouts of the store.
    let cap: Int
    private let rule: PeakRule
    private let datacentreOf: [DeviceName: DatacentreName]
    private let datacentres: [Datacentre]
    private let waveOf: [DeviceName: Int]
    private let devices: [DeviceName]
    private let gap: Timespan
    /// The peaks from the day before the plan was made on, as calendars are slow and this is asked again and again.
    private let known: [DatacentreName: [Verdict.Window]]

    /// Nil when the policy asks for no peak, or nothing could watch one.
    ///
    /// - Parameter days: For how many days peaks are worked out beforehand.
    init?(_ plan: Plan, knowing days: Int = 0) {
        guard let rule = plan.policy.peak, !plan.policy.gates.isEmpty else { return nil }
        self.rule = rule
        var datacentreOf: [DeviceName: DatacentreName] = [:]
        // What nobody can watch proves nothing by waiting; the plan warned of it.
        for planned in plan.devices where planned.device.watchedAgent != nil {
            datacentreOf[planned.device.name] = planned.device.datacentre
        }
        var waveOf: [DeviceName: Int] = [:]
        for wave in plan.waves { for device in wave.devices { waveOf[device] = wave.index } }
        self.datacentreOf = datacentreOf
        self.waveOf = waveOf
        datacentres = plan.datacentres
        devices = plan.waves.flatMap(\.devices).filter { datacentreOf[$0] != nil }
        cap = rule.cap(of: plan.waves.reduce(0) { $0 + $1.devices.count })
        gap = Self.patience(plan.policy.watch)
        var known: [DatacentreName: [Verdict.Window]] = [:]
        for datacentre in plan.datacentres where days > 0 {
            known[datacentre.name] = Array(
                MaintenanceCalendar.openings(
                    of: rule.hours, in: datacentre.timeZone, around: plan.createdAt, days: -2...days))
        }
        self.known = known
    }

    /// How long nothing may be heard of a device that counts as watched: three slow polls.
    static func patience(_ watch: WatchRule) -> Timespan { watch.poll * (slowness * 3) }

    /// Whether a device has not carried its peaks yet.
    func isInDebt(_ name: DeviceName, in state: RolloutState) -> Bool {
        let device = state[name]
        guard datacentreOf[name] != nil, device.phase == .confirmed, device.wanted == .target,
            device.peaksCarried < (PlantedBug.isPlanted(.onePeakIsEnough) ? 1 : rule.days)
        else { return false }
        if PlantedBug.isPlanted(.forgetsDebt), let since = device.debtSince, let driven = state.drivenSince {
            return since > driven
        }
        return !isForgiven(name, in: state)
    }

    /// The devices in debt, in the order of their waves.
    func devices(in state: RolloutState) -> [DeviceName] { devices.filter { isInDebt($0, in: state) } }

    /// Whether a device needs a place under the cap: in debt, or about to be.
    func needsPlace(_ name: DeviceName, in state: RolloutState) -> Bool {
        guard datacentreOf[name] != nil, let wave = waveOf[name], !isForgiven(name, in: state) else { return false }
        let (device, its) = (state[name], state[wave: wave])
        let isOpen = its.startedAt != nil && its.passedAt == nil && its.rolledBackAt == nil
        // One that has carried its peaks while its wave was open needs none any more: an earlier wave may be waiting for it.
        let isSettled =
            device.phase == .rolledBack || device.phase == .failed
            || device.phase == .confirmed && device.wanted == .target
        return isInDebt(name, in: state) || !isSettled && (isOpen || device.mayHoldTarget)
    }

    /// Whether a device that is pushed now needs a place.
    func counts(_ name: DeviceName, in state: RolloutState) -> Bool {
        datacentreOf[name] != nil && !isForgiven(name, in: state)
    }

    private func isForgiven(_ name: DeviceName, in state: RolloutState) -> Bool {
        waveOf[name].map { state[wave: $0].overridden.contains(Self.gate) } ?? false
    }

    /// The peaks that are over and were carried, to be written down.
    ///
    /// - Parameters:
    ///   - offset: How far the machine's clock, by which hours are meant, is ahead of `now`.
    ///   - heardSince: Since when each device has been heard without a longer gap; not those that are silent.
    func due(in state: RolloutState, at now: Instant, offset: Timespan, heardSince: [DeviceName: Instant]) -> [Fact] {
        let owing = devices(in: state)
        guard !owing.isEmpty else { return [] }
        return datacentres.flatMap { datacentre -> [Fact] in
            let here = owing.filter { datacentreOf[$0] == datacentre.name }
            guard !here.isEmpty else { return [] }
            let over = peaks(in: datacentre, now, offset).filter { $0.to <= now }.suffix(2)
            return over.compactMap { peak in
                let carried = here.filter { name in
                    let device = state[name]
                    let isWatched =
                        heardSince[name].map { $0 <= peak.from + gap } ?? false || PlantedBug.isPlanted(.paysUnwatched)
                    return isWatched
                        && device.debtSince.map { $0 <= peak.from || PlantedBug.isPlanted(.paysRunningPeak) } ?? false
                        && device.peakEndedAt.map { $0 < peak.to } ?? true
                }
                return carried.isEmpty ? nil : .peakCarried(datacentre.name, peak, devices: carried)
            }
        }
    }

    /// When the next peak of a device in debt is over; nil when none is.
    func nextEnd(in state: RolloutState, at now: Instant, offset: Timespan = .zero) -> Instant? {
        let owing = devices(in: state)
        return datacentres.compactMap { datacentre in
            let here = owing.filter { datacentreOf[$0] == datacentre.name }
            let since = here.compactMap { state[$0].debtSince }.min()
            guard !here.isEmpty, let since else { return nil }
            return peaks(in: datacentre, now, offset).first { $0.to > now && $0.from >= since }?.to
        }.min()
    }

    /// The begin of a peak that is under way in some datacentre of a device in debt; nil when none is.
    func beganAt(in state: RolloutState, at now: Instant) -> Instant? {
        let places = Set(devices(in: state).compactMap { datacentreOf[$0] })
        return datacentres.filter { places.contains($0.name) }.compactMap { datacentre in
            peaks(in: datacentre, now, .zero).first { $0.contains(now) }?.from
        }.min()
    }

    private func peaks(in datacentre: Datacentre, _ now: Instant, _ offset: Timespan) -> [Verdict.Window] {
        let around = now + offset
        let span = Timespan.minutes(3 * 24 * 60)
        var peaks = (known[datacentre.name] ?? []).filter { $0.to >= around - span && $0.from <= around + span }
        if peaks.count < 4 {
            peaks = Array(
                MaintenanceCalendar.openings(
                    of: rule.hours, in: datacentre.timeZone, around: around, days: -2...2))
        }
        return peaks.map {
            Verdict.Window(from: $0.from - offset, to: $0.to - offset)
        }
    }
}
