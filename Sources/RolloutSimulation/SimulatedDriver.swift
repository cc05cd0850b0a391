public import RolloutEngine

/// Speaks to simulated devices, under the same contract as to real ones. A device is found by its address, so that two
/// that were swapped show as the wrong ones.
public struct SimulatedDriver: DeviceDriver {
    private let fleet: SimulatedFleet
    private let wire: (any SimulatedWire)?
    private let process: String

    /// A driver for the devices of a fleet.
    ///
    /// - Parameters:
    ///   - wire: What becomes of messages; without one they all arrive, at once.
    ///   - platforms: The platforms that its devices stand for.
    ///   - process: Whose sessions it keeps open.
    public init(
        _ fleet: SimulatedFleet, over wire: (any SimulatedWire)? = nil, platforms: [PlatformName] = ["simulated"],
        process: String = "rollout"
    ) {
        self.process = process
        self.platforms = platforms
        self.fleet = fleet
        self.wire = wire
    }

    /// `simulated`, unless its devices stand for others.
    public let platforms: [PlatformName]
    /// They revert by themselves.
    public var armsRevertTimer: Bool { true }

    /// What the device would hold if the intents were true.
    public func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    {
        var config = base
        for section in base.sections where section.name.hasPrefix("qdisc ") {
            guard section.lines.count <= 1, section.lines.allSatisfy({ ShapingLine($0) != nil }) else {
                throw DriverError(
                    .unsupported,
                    "\(device.name): '\(section.lines.joined(separator: "; "))' of \(section.name) could not be "
                        + "restored by this driver, which knows tbf only; remove it by hand first", effect: .none)
            }
        }
        for intent in intents {
            let section = try Self.section(for: intent, of: device)
            guard let index = config.sections.firstIndex(where: { $0.name == section.name }) else {
                throw DriverError(
                    .unsupported, "\(device.name): the base that was read has no section '\(section.name)'",
                    effect: .none)
            }
            config.sections[index] = section
        }
        return config
    }

    /// Reads identity, configuration in scope, and the armed revert timer. Writes nothing.
    public func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError)
        -> Observation
    {
        try await reach(device, within: limit)
        try await wire?.carry(to: device, isChange: false, effect: .none)
        return try observation(of: device, scope: scope, effect: .none)
    }

    /// Checks, arms, applies, reads back.
    public func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await reach(order.device, within: order.limit)
        // In steps, as on a real device: a controller that dies in between leaves an armed timer behind.
        let style = try find(order.device, effect: .none).device.style
        try await exchange(order, permit) { device, now throws(DriverError) in
            try Self.demandIdentity(device, order)
            if let timer = device.timer {
                throw DriverError(
                    .timerNotArmed, "\(order.device.name): a revert timer of '\(timer.mark)' is armed already",
                    effect: .none)
            }
            guard let held = device.config(in: order.scope), held.isEquivalent(to: order.base) else {
                throw DriverError(
                    .drifted, "\(order.device.name) holds something else than when it was planned; plan anew",
                    effect: .none)
            }
            device.arm(
                .init(
                    mark: order.mark, deadline: now + order.revertAfter, restores: order.base,
                    isCutOff: device.tellsParts, session: style == .heldSession ? process : nil))
            if style == .commitConfirmed || style == .heldSession { Self.apply(order.desired, order, to: &device) }
        }
        let parts =
            switch style {
            case .commitConfirmed, .heldSession: [DeviceConfig]()
            case .armThenApply: [order.desired]
            case .lineByLine: order.desired.sections.map { DeviceConfig(sections: [$0]) }
            }
        for part in parts {
            try await exchange(order, permit, soFar: .possible) { device, _ throws(DriverError) in
                guard device.timer?.mark == order.mark else {
                    throw DriverError(
                        .timerNotArmed, "\(order.device.name): the revert timer was gone before the change",
                        effect: .possible)
                }
                Self.apply(part, order, to: &device)
            }
        }
        try dropReply(.push, of: order)
        try await wire?.carry(to: order.device, isChange: false, effect: .possible)
        let seen = try observation(of: order.device, scope: order.scope, effect: .possible)
        guard seen.config.isEquivalent(to: order.desired), seen.pendingRevert?.mark == order.mark else {
            throw DriverError(
                .verifyMismatch, "\(order.device.name) acknowledged the change but does not hold it", effect: .possible)
        }
        return seen
    }

    private static func apply(_ config: DeviceConfig, _ order: PushOrder, to device: inout SimulatedDevice) {
        guard !device.activeFaults.contains(.liar) else { return }
        device.apply(config)
        if device.config(in: order.scope)?.isEquivalent(to: order.desired) == true {
            device.pushes[order.mark, default: 0] += 1
            device.isWhole()
        }
    }

    /// Verifies over a fresh session, disarms, reads back.
    public func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await reach(order.device, within: order.limit)
        try await exchange(order, permit) { device, _ throws(DriverError) in
            try Self.demandIdentity(device, order)
            guard let held = device.config(in: order.scope), held.isEquivalent(to: order.desired) else {
                throw DriverError(
                    .verifyMismatch, "\(order.device.name) does not hold what was pushed, so it is not confirmed",
                    effect: .none)
            }
            guard let timer = device.timer else { return }
            guard timer.mark == order.mark else {
                throw DriverError(
                    .drifted, "\(order.device.name): the armed revert timer is not ours but of '\(timer.mark)'",
                    effect: .none)
            }
            try demandSession(timer, order)
            device.disarm()
        }
        try dropReply(.confirm, of: order)
        try await wire?.carry(to: order.device, isChange: false, effect: .possible)
        return try observation(of: order.device, scope: order.scope, effect: .possible)
    }

    /// Puts the base back, disarms our timer, reads back.
    public func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        try await reach(order.device, within: order.limit)
        try await exchange(order, permit) { device, _ throws(DriverError) in
            try Self.demandIdentity(device, order)
            if let timer = device.timer, timer.mark != order.mark {
                throw DriverError(
                    .drifted,
                    "\(order.device.name): a revert timer of '\(timer.mark)' is armed, so somebody else is at work",
                    effect: .none)
            }
            if let timer = device.timer { try demandSession(timer, order) }
            guard !device.activeFaults.contains(.liar) else { return }
            if device.config(in: order.scope)?.isEquivalent(to: order.base) != true { device.apply(order.base) }
            if device.timer != nil { device.disarm() }
        }
        try dropReply(.rollBack, of: order)
        try await wire?.carry(to: order.device, isChange: false, effect: .possible)
        return try observation(of: order.device, scope: order.scope, effect: .possible)
    }

    /// What a device in trouble shows.
    public func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        do {
            try await reach(device, within: limit)
            let (seen, _) = try find(device, effect: .none)
            let config = seen.running.sections.map { section in
                ([section.name] + section.lines.map { " \($0)" }).joined(separator: "\n")
            }
            let timer = seen.timer.map { "\($0.mark), goes off at \($0.deadline)" } ?? "none"
            return Evidence(items: [
                .init(title: "configuration", output: config.joined(separator: "\n")),
                .init(title: "revert timer", output: timer),
                .init(title: "boots", output: "\(seen.boots), last at \(seen.bootedAt)"),
            ])
        } catch {
            return Evidence(items: [.init(title: "nothing could be collected", output: "\(error)")])
        }
    }

    // MARK: The way to a device

    /// Comes as far as an authenticated session, or throws as a transport would.
    private func reach(_ target: Device, within limit: Timespan) async throws(DriverError) {
        let clock = fleet.clock
        for case .slow(let span) in try find(target, effect: .none).device.activeFaults {
            await clock.sleep(until: clock.now() + min(span, limit))
            if Task.isCancelled { throw DriverError(.cancelled, "\(target.name): given up", effect: .none) }
            if span > limit {
                throw DriverError(.timeout, "\(target.name) did not answer within \(limit)", effect: .none)
            }
        }
        let device = try find(target, effect: .none).device
        let faults = device.activeFaults
        if device.isDown || faults.contains(.unreachable) {
            throw DriverError(.unreachable, "\(target.name) (\(target.address)): no route", effect: .none)
        }
        if faults.contains(.changedHostKey) {
            throw DriverError(
                .hostKeyChanged, "\(target.name) shows another host key than the one known; no credential was sent",
                effect: .none)
        }
    }

    private func find(_ target: Device, effect: DriverError.Effect) throws(DriverError)
        -> (device: SimulatedDevice, now: Instant)
    {
        let state: FleetState
        do { state = try fleet.state() } catch { throw DriverError(.localSetup, error.message, effect: effect) }
        guard let index = state.index(at: target.address) else {
            throw DriverError(
                .unreachable, "\(target.name): no simulated device answers at \(target.address)", effect: effect)
        }
        return (state.devices[index], state.settledAt)
    }

    private func observation(of target: Device, scope: ConfigScope, effect: DriverError.Effect) throws(DriverError)
        -> Observation
    {
        let (device, now) = try find(target, effect: effect)
        guard let config = device.config(in: scope) else {
            throw DriverError(
                .unsupported,
                "\(target.name) has the interfaces \(device.interfaces.joined(separator: ", ")) and not all "
                    + "of \(scope.interfaces.joined(separator: ", "))", effect: effect)
        }
        return Observation(
            hostname: device.answeredHostname, firmware: "simulated 1.0", model: "simulated", config: config,
            pendingRevert: device.timer.map {
                PendingRevert(
                    mark: $0.mark, remaining: $0.deadline - now, isComplete: $0.isCutOff != true)
            })
    }

    /// One message that changes the device, and its answer. What arrives twice is obeyed twice; the first answer counts.
    private func exchange(
        _ order: PushOrder, _ permit: Permit, soFar: DriverError.Effect = .none,
        _ body: (inout SimulatedDevice, Instant) throws(DriverError) -> Void
    ) async throws(DriverError) {
        try await wire?.reach(order.device, effect: soFar)
        try permit.demand(effect: soFar)
        let arrivals = try await wire?.carry(to: order.device, isChange: true, effect: .possible) ?? 1
        let result = try take(order, body)
        for _ in 1..<max(1, arrivals) { _ = try take(order, isCopy: true, body) }
        try await wire?.carry(from: order.device, effect: .possible)
        try result.get()
    }

    /// A message that changes the device arrives at it. Told once more what it holds by then, it does nothing.
    private func take(
        _ order: PushOrder, isCopy: Bool = false, _ body: (inout SimulatedDevice, Instant) throws(DriverError) -> Void
    ) throws(DriverError) -> Result<Void, DriverError> {
        do {
            return try fleet.update { state throws(DriverError) in
                guard let index = state.index(at: order.device.address), !state.devices[index].isDown else {
                    throw DriverError(.unreachable, "nothing answers at \(order.device.address)", effect: .possible)
                }
                let before = state.devices[index]
                try body(&state.devices[index], state.settledAt)
                if isCopy { state.devices[index].forgetVainWrite(since: before) }
            }
        } catch {
            throw DriverError(.localSetup, error.message, effect: .possible)
        }
    }

    private func dropReply(_ call: Fault.Call, of order: PushOrder) throws(DriverError) {
        guard try find(order.device, effect: .possible).device.activeFaults.contains(.dropsReply(call)) else { return }
        throw DriverError(
            .connectionLost, "\(order.device.name): the session broke before the answer came", effect: .possible)
    }

    private static func demandIdentity(_ device: SimulatedDevice, _ order: PushOrder) throws(DriverError) {
        guard device.answeredHostname == order.device.hostname else {
            throw DriverError(
                .wrongDevice,
                "\(order.device.address) answers as '\(device.answeredHostname)' and not as "
                    + "'\(order.device.hostname)'; nothing was sent", effect: .none)
        }
    }

    private func demandSession(_ timer: SimulatedDevice.ArmedTimer, _ order: PushOrder) throws(DriverError) {
        guard let session = timer.session, session != process else { return }
        throw DriverError(
            .timeout,
            "\(order.device.name): the session that armed the revert timer is gone, and its end is taken from no other;"
                + " the device goes back by itself when its time is over", effect: .none)
    }

    private static func section(for intent: ResolvedIntent, of device: Device) throws(DriverError)
        -> DeviceConfig.Section
    {
        switch intent {
        case .shape(let interface, let rate, let burst, nil) where rate > .zero:
            let line = ShapingLine(rate: rate, burst: burst).text
            return .init(name: ShapingLine.section(of: interface), lines: [line])
        case .police(let interface, let direction, let rate, let burst):
            let line = "police rate \(rate.value)bit burst \(burst.value)b"
            return .init(
                name: DeviceConfig.policing(of: interface, direction), lines: [line], shapedRate: rate)
        case .shape(let interface, _, _, let trafficClass):
            let what = trafficClass.map { "the traffic class \($0)" } ?? "a rate of 0"
            throw DriverError(
                .unsupported,
                "\(device.name) cannot have \(what) on \(interface): simulated devices shape whole interfaces",
                effect: .none)
        case .file(let path, let content, let mode, let reload, let check):
            let lines = content.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            return .init(name: "file \(path)", lines: ["mode \(mode)"] + lines, hint: reload, check: check)
        case .lines:
            throw DriverError(
                .unsupported, "\(device.name): simulated devices have no command line that lines could be written to",
                effect: .none)
        }
    }
}

extension SimulatedDevice {
    /// The hostname that a session sees.
    fileprivate var answeredHostname: String {
        for case .wrongHostname(let other) in activeFaults { return other }
        return hostname
    }
}
