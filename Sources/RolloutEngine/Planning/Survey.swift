/// Reads the fleet for a plan: every device's running configuration, and what the links carry. Writes nothing to any device.
public struct Survey: Sendable {
    private let drivers: DriverRegistry
    private let counters: any CounterSource
    private let clock: any EngineClock

    /// A survey through these ports.
    public init(drivers: DriverRegistry, counters: any CounterSource, clock: any EngineClock) {
        self.drivers = drivers
        self.counters = counters
        self.clock = clock
    }

    /// Reads devices, at most `atOnce` at a time, and renders the change for each of them.
    ///
    /// - Parameters:
    ///   - places: Where each text of the change is written, for complaints; those of `LoadedChange`.
    ///   - revertTimer: How long the policy lets devices wait for their confirmation.
    ///   - progress: Called with the number that was read, or given up after a second time.
    public func read(
        _ devices: [Device], for change: Change, places: [String: SourceLocation] = [:], revertTimer: Timespan,
        atOnce: Int, within limit: Timespan, progress: @Sendable @escaping (Int) -> Void
    ) async -> [SurveyedDevice] {
        await each(of: devices, atOnce: atOnce, progress: progress) {
            await self.read($0, for: change, places, revertTimer, within: limit)
        } mayHelp: {
            if case .skip(let skipped) = $0.finding { skipped.reason == .unreachable } else { false }
        }
    }

    /// Reads devices in scopes of their own, at most `atOnce` at a time.
    ///
    /// - Parameter progress: Called with the number that was read, or given up after a second time.
    public func observe(
        _ devices: [(device: Device, scope: ConfigScope)], atOnce: Int, within limit: Timespan,
        progress: @Sendable @escaping (Int) -> Void
    ) async -> [Result<Observation, DriverError>] {
        await each(of: devices, atOnce: atOnce, progress: progress) { device, scope in
            do throws(DriverError) {
                return .success(try await drivers.driver(for: device).observe(device, scope: scope, within: limit))
            } catch {
                return .failure(error)
            }
        } mayHelp: {
            if case .failure(let error) = $0 { error.isOutOfReach } else { false }
        }
    }

    /// Does something with each of many, at most `atOnce` at a time; the results are in their order. Those that were out of reach
    /// are asked once more, after all others: one that was slow for a moment is no reason to plan without it.
    ///
    /// - Parameter mayHelp: Whether asking once more may help.
    private func each<Subject: Sendable, Finding: Sendable>(
        of subjects: [Subject], atOnce: Int, progress: @Sendable @escaping (Int) -> Void,
        _ work: @Sendable @escaping (Subject) async -> Finding, mayHelp: @Sendable (Finding) -> Bool
    ) async -> [Finding] {
        await withTaskGroup(of: (Int, Finding).self) { group in
            var results = [Finding?](repeating: nil, count: subjects.count)
            var done = 0
            for isFirst in [true, false] {
                var waiting = subjects.indices.filter { results[$0] == nil }[...]
                func startNext() {
                    guard let index = waiting.popFirst() else { return }
                    group.addTask { (index, await work(subjects[index])) }
                }
                for _ in 0..<max(1, atOnce) { startNext() }
                while let (index, result) = await group.next() {
                    if !isFirst || !mayHelp(result) {
                        results[index] = result
                        done += 1
                        progress(done)
                    }
                    startNext()
                }
            }
            return results.compactMap { $0 }
        }
    }

    private func read(
        _ device: Device, for change: Change, _ places: [String: SourceLocation], _ revertTimer: Timespan,
        within limit: Timespan
    ) async -> SurveyedDevice {
        func skip(_ reason: SkippedDevice.Reason, _ detail: String) -> SurveyedDevice {
            SurveyedDevice(
                device: device, finding: .skip(SkippedDevice(name: device.name, reason: reason, detail: detail)))
        }
        let intents: [ResolvedIntent]
        let bursts: [IntentResolver.WrittenBurst]
        do {
            let resolver = try IntentResolver(change, places: places)
            intents = try resolver.resolve(for: device)
            bursts = try resolver.writtenBursts(for: device)
        } catch {
            return skip(.refused, error.description)
        }
        do {
            let driver = try drivers.driver(for: device)
            if let burst = bursts.first(where: { !driver.setsBurst(of: $0.interface) }) {
                return skip(
                    .refused,
                    "\(burst.place): burst \(burst.text) for \(burst.interface) of \(device.name): \(device.platform) cannot be told"
                        + " a burst; write 'burst: auto', or leave it out")
            }
            let observed = try await driver.observe(device, scope: try driver.scope(of: intents), within: limit)
            if let mismatch = device.mismatch(with: observed) { return skip(.refused, mismatch) }
            if let pending = observed.pendingRevert {
                return skip(.refused, "a revert timer is armed on it: \(pending.mark)")
            }
            let desired = try driver.render(intents, onto: observed.config, for: device)
            if desired.isEquivalent(to: observed.config) { return skip(.noChange, "already as ordered") }
            let waits = driver.revertTimer(for: revertTimer)
            let target = Target(
                intents: intents, base: observed.config, desired: desired,
                growth: Self.growth(of: intents, onto: observed.config), firmware: observed.firmware,
                model: observed.model, hasRevertTimer: driver.armsRevertTimer ? nil : false,
                restartTakes: driver.restartTakes, revertTimer: waits > revertTimer ? waits : nil)
            // What is planned for this one is not sent to another that took its place since.
            var read = device
            read.serial = device.serial ?? observed.serial
            return SurveyedDevice(device: read, finding: .target(target))
        } catch {
            let reason: SkippedDevice.Reason = error.isOutOfReach ? .unreachable : .refused
            return skip(reason, error.description)
        }
    }

    /// How much more a device may let through: the new rates less the old ones. What was held to no rate cannot grow.
    ///
    /// What comes in goes out somewhere: a higher limit on what an interface takes loads the links as one on what it sends. Of
    /// an interface whose traffic out is shaped and policed, the smaller rate counts.
    static func growth(of intents: [ResolvedIntent], onto base: DeviceConfig) -> BitsPerSecond {
        intents.reduce(.zero) { sum, intent in
            switch intent {
            case .shape(let interface, let rate, _, let trafficClass):
                if let trafficClass {
                    let before = base.shapedRate(of: interface, class: trafficClass)
                    return before.map { sum + rate.excess(over: $0) } ?? sum
                }
                // One that is policed as well is counted with its policer.
                let isCounted = intents.contains { $0.polices(interface, .egress) }
                guard let before = base.shapedRate(of: interface), !isCounted else { return sum }
                return sum + rate.excess(over: before)
            case .police(let interface, let direction, let rate, _):
                let shaped = direction == .egress ? intents.compactMap { $0.rate(shaping: interface) }.first : nil
                let limits = [
                    base.policedRate(of: interface, direction), shaped.flatMap { _ in base.shapedRate(of: interface) },
                ]
                guard let before = limits.compactMap(\.self).min() else { return sum }
                return sum + min(rate, shaped ?? rate).excess(over: before)
            case .file, .lines: return sum
            }
        }
    }

    /// Measures what links carry, from their own counters over a window.
    public func measure(_ links: [Link], over window: Timespan, every poll: Timespan) async -> [LinkName: LinkLoad] {
        guard !links.isEmpty else { return [:] }
        let start = clock.now()
        var samples: [CounterSample] = []
        while true {
            samples += await sampleAll(links.map(\.watchedAgent))
            let now = clock.now()
            if now - start >= window { break }
            await clock.sleep(until: now + poll)
        }
        var loads: [LinkName: LinkLoad] = [:]
        for link in links {
            let own = samples.filter { $0.subject == .link(link.name) }
            loads[link.name] = LinkLoad(of: link, from: own, in: Verdict.Window(from: start, to: clock.now()))
        }
        return loads
    }

    private func sampleAll(_ agents: [WatchedAgent]) async -> [CounterSample] {
        await withTaskGroup(of: CounterSample.self) { group in
            for agent in agents { group.addTask { await counters.sample(agent) } }
            var samples: [CounterSample] = []
            for await sample in group { samples.append(sample) }
            return samples
        }
    }
}

extension ResolvedIntent {
    fileprivate func polices(_ name: String, _ way: TrafficDirection) -> Bool {
        if case .police(name, way, _, _) = self { true } else { false }
    }

    fileprivate func rate(shaping name: String) -> BitsPerSecond? {
        if case .shape(name, let rate, _, nil) = self { rate } else { nil }
    }
}

extension Link {
    /// The agent at which the link's own counters are read.
    public var watchedAgent: WatchedAgent {
        WatchedAgent(
            subject: .link(name), address: counters.address, interfaces: [counters.interface], snmp: counters.snmp)
    }
}

extension Device {
    /// The agent at which the device's counters are read; nil when it has none or no interface is watched.
    public var watchedAgent: WatchedAgent? {
        guard isWatched else { return nil }
        return WatchedAgent(subject: .device(name), address: address, interfaces: interfaces, snmp: snmp)
    }

    /// Whether its counters are read.
    var isWatched: Bool { snmp.isGiven && !interfaces.isEmpty }
}
