public import RolloutEngine

/// Speaks to Linux devices: shapes interfaces with `tc` or Open vSwitch, and writes files, over any transport that runs
/// `/bin/sh`.
///
/// Every call opens a session of its own. Everything is said in scripts that are fed to `/bin/sh -s` and that print a report
/// whose wholeness can be proved (`ShellScript`, `ShellReport`). The revert timer is a process on the device that outlives
/// the session (`RevertScripts`).
public struct LinuxDriver: DeviceDriver {
    /// `linux`, `openvswitch` and `bird`.
    public static let platforms = LinuxRole.allCases.map(\.platform)
    /// The same.
    public var platforms: [PlatformName] { Self.platforms }
    /// Always: a device whose timer cannot be armed is not changed.
    public let armsRevertTimer = true

    private let transport: any CommandTransport

    /// A driver that reaches its devices over this transport.
    package init(transport: any CommandTransport) { self.transport = transport }

    /// What the device would hold if the intents were true. See `Shaping.shaped` for what can be shaped.
    public func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    {
        var config = base
        for intent in intents { try LinuxRendering.apply(intent, to: &config, LinuxRole(of: device)) }
        // Proves that there is a way there and back before anybody plans with it.
        _ = try RevertScripts(
            PushOrder(
                device: device, base: base, desired: config, mark: "render", revertAfter: .minutes(1), limit: .zero))
        return config
    }

    /// Reads identity, configuration in scope, and armed revert timers, in one round trip.
    public func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError)
        -> Observation
    {
        let scope = try LinuxScope(scope, on: device)
        return try await withSession(to: device, within: limit) { session throws(DriverError) in
            try await session.read(scope).observation
        }
    }

    /// Three round trips: read; arm and read the timer back; apply and read back.
    public func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let scripts = try RevertScripts(order)
        return try await withSession(to: order.device, within: order.limit, permit) { session throws(DriverError) in
            let before = try await session.read(scripts.scope)
            try DriverError.demand(order.device, in: before.observation)
            let pending = before.traces.filter(\.kind.isPending)
            if let foreign = pending.first(where: { $0.mark != order.mark }) {
                throw DriverError(
                    .timerNotArmed,
                    "another revert timer is pending: \(foreign.mark)\(foreign.isAlive ? "" : ", though its process is gone");"
                        + " confirm or roll back that one, or remove its files from \(scripts.stateFolder)",
                    effect: .none)
            }
            if pending.isEmpty, let undo = before.bird?.undo {
                throw DriverError(
                    .timerNotArmed,
                    "\(BirdReading.foreignMark) goes back in \(undo); settle it first (birdc configure confirm, or undo)",
                    effect: .none)
            }
            let current = before.observation.config
            // Pushed before, or half, and the answer got lost: there is nothing to send until that is settled.
            if !pending.isEmpty || current.isEquivalent(to: order.desired) {
                return before.observation(for: order.mark)
            }
            guard current.isEquivalent(to: order.base) else {
                throw DriverError(
                    .drifted,
                    "the configuration is neither the base nor the target: "
                        + LinuxRendering.differences(from: order.base, to: current), effect: .none)
            }
            guard before.traces(of: order.mark).allSatisfy({ $0.kind != .busy || !$0.isAlive }) else {
                throw DriverError(.timeout, "an earlier attempt is still at work; ask again", effect: .none)
            }
            try await Self.arm(scripts, order, on: session)
            return try await Self.apply(scripts, order, on: session)
        }
    }

    /// Two round trips: read; disarm and read back. Only the first when nothing is left to disarm.
    public func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let scripts = try RevertScripts(order)
        return try await withSession(to: order.device, within: order.limit, permit) { session throws(DriverError) in
            let before = try await session.read(scripts.scope)
            try DriverError.demandName(of: order.device, in: before.observation)
            try Self.verify(before, order, effect: .none)
            let own = before.traces(of: order.mark)
            if own.contains(where: { $0.kind == .busy && $0.isAlive }) {
                throw DriverError(.timeout, "the change is still being applied; ask again", effect: .none)
            }
            guard own.contains(where: \.kind.isPending) else { return before.observation(for: order.mark) }
            guard own.contains(where: { $0.kind == .applied }) else {
                throw DriverError(
                    .verifyMismatch, "the configuration is there, but not every command of the change succeeded",
                    effect: .none)
            }
            let report = try await session.run(scripts.disarm(), effect: .possible)
            let after = try session.reading(of: report, scripts.scope, effect: .possible)
            try Self.verify(after, order, effect: .possible)
            guard report.entries.contains(where: { $0.name == "disarm" && $0.status == 0 }),
                !after.traces(of: order.mark).contains(where: \.kind.isPending), after.bird?.undo == nil
            else {
                throw DriverError(
                    .verifyMismatch, "the revert timer could not be taken away; the device may go back to its base",
                    effect: .possible)
            }
            return after.observation(for: order.mark)
        }
    }

    /// Two round trips: read; restore, disarm and read back. Only the first when the base is there and no timer is.
    public func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let scripts = try RevertScripts(order)
        return try await withSession(to: order.device, within: order.limit, permit) { session throws(DriverError) in
            let before = try await session.read(scripts.scope)
            try DriverError.demandName(of: order.device, in: before.observation)
            let isFinished = before.traces(of: order.mark).allSatisfy { $0.kind == .reverted || $0.kind == .applied }
            if isFinished && before.observation.config.isEquivalent(to: order.base) {
                return before.observation(for: order.mark)
            }
            let report = try await session.run(scripts.rollBack(), effect: .possible)
            let after = try session.reading(of: report, scripts.scope, effect: .possible)
            let complaints = report.entries(under: "undo ")
            // What is read back counts for configuration; for a reload command its status is all there is.
            if let reload = complaints.first(where: { $0.name.hasPrefix("undo reload ") }) {
                throw DriverError(
                    .refused,
                    "the files are back, but '\(reload.name.dropFirst(12))' failed: \(reload.text.prefix(300))",
                    effect: .possible)
            }
            if let first = complaints.first, !after.observation.config.isEquivalent(to: order.base) {
                throw DriverError(
                    .refused, "putting back \(first.name.dropFirst(5)) failed: \(first.text.prefix(300))",
                    effect: .possible)
            }
            return after.observation(for: order.mark)
        }
    }

    /// Counters, log of the revert timers, and the kernel's last words, each at most 64 KiB.
    public func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        do {
            let script = LinuxEvidence.script(try LinuxScope(scope, on: device))
            return try await withSession(to: device, within: limit) { session throws(DriverError) in
                LinuxEvidence.evidence(in: try await session.run(script, effect: .none))
            }
        } catch {
            return Evidence(items: [.init(title: "evidence", output: "could not be collected: \(error)")])
        }
    }

    /// Opens a session, hands it over, and closes it whatever came of it.
    func withSession<Result: Sendable>(
        to device: Device, within limit: Timespan, _ permit: Permit = .always,
        _ body: (LinuxSession) async throws(DriverError) -> Result
    ) async throws(DriverError) -> Result {
        let deadline = ContinuousClock.now + limit.duration
        let session = try await transport.connect(to: device, within: min(limit, device.ssh.connectTimeout))
        do {
            let result = try await body(LinuxSession(session: session, deadline: deadline, permit: permit))
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }
}

// The steps of the calls.
extension LinuxDriver {
    /// Arms the timer and proves that it runs and what it would run.
    private static func arm(_ scripts: RevertScripts, _ order: PushOrder, on session: LinuxSession)
        async throws(DriverError)
    {
        let report = try await session.run(scripts.arm(revertAfter: order.revertAfter), effect: .possible)
        let after = try session.reading(of: report, scripts.scope, effect: .possible)
        func answer(_ name: String) -> ShellReport.Entry? { report.entries.first { $0.name == name } }
        if let arm = answer("arm"), arm.status != 0 {
            let isGone = after.traces(of: order.mark).isEmpty
            throw DriverError(
                .timerNotArmed,
                "the revert timer could not be armed in \(scripts.stateFolder): \(arm.text.prefix(300))",
                effect: isGone ? .none : .possible)
        }
        let written = answer("script")?.text.split(separator: " ").first.map(String.init)
        let timers = after.traces(of: order.mark).filter { $0.kind == .armed && $0.isAlive }
        guard written == Digest(of: scripts.revertScript).hexadecimal, timers.count == 1,
            let remaining = timers[0].remaining,
            remaining > .zero, remaining <= order.revertAfter,
            answer("process")?.text.contains("\(scripts.stateFolder)/\(scripts.mark).sh wait ") == true
        else {
            throw DriverError(
                .timerNotArmed, "the revert timer cannot be proved to wait with the script that was sent",
                effect: .possible)
        }
        guard after.observation.config.isEquivalent(to: order.base) else {
            throw DriverError(
                .drifted,
                "somebody changed it at this moment: "
                    + LinuxRendering.differences(from: order.base, to: after.observation.config), effect: .possible)
        }
    }

    /// Applies, and believes only what is read back.
    private static func apply(_ scripts: RevertScripts, _ order: PushOrder, on session: LinuxSession)
        async throws(DriverError) -> Observation
    {
        let report = try await session.run(scripts.apply(), effect: .possible, soFar: .possible)
        let after = try session.reading(of: report, scripts.scope, effect: .possible)
        if let timer = report.entries.first(where: { $0.name == "timer" }), timer.status != 0 {
            throw DriverError(
                .timerNotArmed, "the revert timer was about to act before the change was sent, which was left",
                effect: .possible)
        }
        if let failed = report.entries(under: "step ").first(where: { $0.status != 0 }) {
            throw DriverError(
                .refused,
                "\(failed.name.dropFirst(5)) failed with status \(failed.status): \(failed.text.prefix(300))",
                effect: .possible)
        }
        try verify(after, order, effect: .possible)
        let own = after.traces(of: order.mark)
        guard own.contains(where: { $0.kind == .armed && $0.isAlive }), own.contains(where: { $0.kind == .applied })
        else {
            throw DriverError(
                .verifyMismatch, "the change is there, but its revert timer is not waiting", effect: .possible)
        }
        if scripts.loadsBird, after.bird?.undo == nil {
            throw DriverError(
                .timerNotArmed, "BIRD runs the change, but not under a timer of its own (birdc configure status)",
                effect: .possible)
        }
        return after.observation(for: order.mark)
    }

    private static func verify(_ reading: LinuxReading, _ order: PushOrder, effect: DriverError.Effect)
        throws(DriverError)
    {
        let config = reading.observation.config
        if config.isEquivalent(to: order.desired) { return }
        let acted = reading.traces(of: order.mark).contains { [.fired, .reverted, .failed].contains($0.kind) }
        let isBack = config.isEquivalent(to: order.base)
        if isBack || acted {
            throw DriverError(
                .verifyMismatch,
                (acted ? "the revert timer has acted: " : "")
                    + (isBack
                        ? "the device is back on its base"
                        : "the device is not on its target: " + LinuxRendering.differences(from: order.base, to: config)),
                effect: effect)
        }
        throw DriverError(
            .verifyMismatch,
            "the device does not hold what was ordered: " + LinuxRendering.differences(from: order.desired, to: config),
            effect: effect)
    }
}
