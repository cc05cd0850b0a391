public import RolloutEngine

/// Speaks to devices over NETCONF (RFC 6241) in one of the models that say what shaping means there.
///
/// Every call opens a session of its own. The revert timer is the device's confirmed commit under a name of ours (`persist`),
/// which outlives its session. A device that cannot do that is read and never changed.
public struct NETCONFDriver: DeviceDriver {
    /// The platforms of its model.
    public var platforms: [PlatformName] { rendering.model.names }
    /// Always: a device without persistent confirmed commits is not changed.
    public let armsRevertTimer = true

    private let rendering: NETCONFRendering
    private let transport: any SubsystemTransport
    private let logs: DeviceLogs?

    /// A driver for the platforms of a model.
    ///
    /// - Parameter logs: Where it is said what is asked of devices; nowhere if nil.
    package init(_ model: NETCONFModel, over transport: any SubsystemTransport, logs: DeviceLogs? = nil) {
        rendering = NETCONFRendering(model)
        self.transport = transport
        self.logs = logs
    }

    /// Only where the model says where a burst stands.
    public func setsBurst(of interface: String) -> Bool {
        guard let place = try? rendering.place(of: interface) else { return false }
        return !place.shaping.burst.isEmpty
    }

    /// What the device would hold if the intents were true. Only shaping of whole interfaces can be expressed.
    public func render(_ intents: [ResolvedIntent], onto base: DeviceConfig, for device: Device) throws(DriverError)
        -> DeviceConfig
    {
        var config = base
        for intent in intents { try rendering.apply(intent, to: &config) }
        // Proves that there is a way there and back before anybody plans with it.
        _ = try rendering.edits(to: config) { _ in true }
        _ = try rendering.edits(to: base) { _ in true }
        return config
    }

    /// Reads identity, configuration in scope, and whether a confirmed commit is pending. Holds the lock of the running
    /// configuration for a moment, which is how the last is learnt.
    ///
    /// - Throws: `DriverError` with `.locked` while another session holds that lock.
    public func observe(_ device: Device, scope: ConfigScope, within limit: Timespan) async throws(DriverError)
        -> Observation
    {
        let interfaces = try interfaces(of: scope)
        return try await withSession(to: device, within: limit) { work throws(DriverError) in
            try await Self.observe(work, interfaces, mark: PendingRevert.unsigned, work.identity())
        }
    }

    /// Prepares and checks the change in the candidate, commits it so that it reverts by itself, and reads back over a fresh
    /// session that it is there and pending.
    public func push(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let interfaces = try interfaces(of: order.scope)
        let deadline = ContinuousClock.now + order.limit.duration
        let pushed = try await withSession(to: order.device, until: deadline, permit) {
            work async throws(DriverError) -> Observation? in
            let identity = try await work.identify()
            let lock = try await work.lockRunning()
            let current = try await work.read(interfaces)
            let isThere = current.isEquivalent(to: order.desired)
            if lock == .commitPending, !isThere {
                throw DriverError(
                    .timerNotArmed,
                    "a confirmed commit is pending already, and the device does not say whose: confirm it, cancel it, or wait"
                        + " until it is over", effect: .none)
            }
            // Pushed before, and the answer got lost: there is nothing to send until that is settled.
            if isThere { return Self.observation(identity, current, pending: lock == .commitPending) }
            try DriverError.demand(order.device, in: Self.observation(identity, current, pending: false))
            guard current.isEquivalent(to: order.base) else {
                throw DriverError(
                    .drifted,
                    "the configuration is neither the base nor the target: "
                        + work.differences(from: order.base, to: current), effect: .none)
            }
            try await work.lockCandidate(for: order, interfaces: interfaces)
            try await work.change(to: order.desired, from: current, order)
            try await work.unlock()
            return nil
        }
        if let pushed { return pushed }
        return try await withSession(to: order.device, until: deadline, soFar: .possible) { work throws(DriverError) in
            let after = try await Self.observe(work, interfaces, mark: order.mark, work.identify())
            try Self.verify(after, order, work, effect: .possible)
            guard after.pendingRevert != nil else {
                throw DriverError(
                    .timerNotArmed,
                    "the device took the confirmed commit, but lets its running configuration be locked: that it"
                        + " will go back by itself cannot be proved", effect: .possible)
            }
            return after
        }
    }

    /// Confirms under our name, which fails when what is pending is somebody else's, reads back that nothing is pending, and saves
    /// where a commit does not outlive a restart.
    public func confirm(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let interfaces = try interfaces(of: order.scope)
        return try await withSession(to: order.device, within: order.limit, permit) { work throws(DriverError) in
            let identity = try await work.identify()
            let before = try await Self.observe(work, interfaces, mark: order.mark, identity)
            try Self.verify(before, order, work, effect: .none)
            // A confirmation may have been cut off before it was saved.
            guard before.pendingRevert != nil else { return try await work.saved(before, interfaces) }
            // The confirmation commits whatever is in the candidate by then.
            guard try await !work.isCandidateDirty() else {
                throw DriverError(
                    .refused,
                    "somebody's changes wait in the candidate configuration, and the confirmation would commit them, too: discard"
                        + " them, and confirm again before the device goes back", effect: .none)
            }
            let reply = try await work.session.ask(NETCONF.confirm(order.mark), mayChange: true)
            try Self.expectOurs(reply, order, ifForeign: "", else: "the device did not confirm")
            let after = try await Self.observe(work, interfaces, mark: order.mark, identity)
            try Self.verify(after, order, work, effect: .possible)
            guard after.pendingRevert == nil else {
                throw DriverError(
                    .verifyMismatch, "a confirmed commit is still pending; the device may go back to its base",
                    effect: .possible)
            }
            return try await work.saved(after, interfaces)
        }
    }

    /// Stops when a reply to a request by our name says an error: an invalid name is how a commit of somebody else's shows.
    private static func expectOurs(
        _ reply: NETCONFReply, _ order: PushOrder, ifForeign: String, else failure: String
    ) throws(DriverError) {
        guard let error = reply.errors.first else { return }
        guard isSame(error.tag, "invalid-value") else {
            throw DriverError(.refused, "\(failure): \(error)", effect: .possible)
        }
        throw DriverError(
            .refused, "the confirmed commit that is pending is not ours (\(order.mark))\(ifForeign): \(error)",
            effect: .none)
    }

    /// Cancels our pending commit. When nothing is pending and the base is not there, it is put back by a commit of its own,
    /// which reverts by itself, too, until it is verified and confirmed.
    public func rollBack(_ order: PushOrder, permit: Permit) async throws(DriverError) -> Observation {
        let interfaces = try interfaces(of: order.scope)
        return try await withSession(to: order.device, within: order.limit, permit) { work throws(DriverError) in
            let identity = try await work.identify()
            var lock = try await work.lockRunning()
            let wasPending = lock == .commitPending
            if wasPending {
                let reply = try await work.session.ask(NETCONF.cancelCommit(order.mark), mayChange: true)
                try Self.expectOurs(
                    reply, order, ifForeign: ", so it was left alone",
                    else: "the device did not cancel its confirmed commit")
                lock = try await work.lockRunning()
                guard lock == .taken else {
                    throw DriverError(
                        .verifyMismatch, "a confirmed commit is still pending after it was cancelled", effect: .possible
                    )
                }
            }
            let current = try await work.read(interfaces)
            if current.isEquivalent(to: order.base) {
                var observed = Self.observation(identity, current, pending: false)
                // The way back may have been sent before, and cut off before it was saved.
                if !wasPending { observed.isSaved = try await work.isSaved(current, interfaces) }
                return try await work.saved(observed, interfaces)
            }
            var back = order
            back.desired = order.base
            try await work.lockCandidate(for: back, interfaces: interfaces)
            try await work.change(to: order.base, from: current, order)
            let restored = try await work.read(interfaces)
            guard restored.isEquivalent(to: order.base) else {
                throw DriverError(
                    .verifyMismatch,
                    "the base was committed, but is not there: \(work.differences(from: order.base, to: restored))",
                    effect: .possible)
            }
            try await work.session.demand(NETCONF.confirm(order.mark), mayChange: true)
            try await work.unlock()
            let after = try await Self.observe(work, interfaces, mark: order.mark, identity)
            return try await work.saved(after, interfaces)
        }
    }

    /// What the device announces, both configurations in scope, its sessions and locks.
    public func collectEvidence(_ device: Device, scope: ConfigScope, within limit: Timespan) async -> Evidence {
        do {
            let interfaces = try interfaces(of: scope)
            return try await withSession(to: device, within: limit, mustRevert: false) { work throws(DriverError) in
                await NETCONFEvidence.collect(on: work, interfaces)
            }
        } catch {
            return Evidence(items: [.init(title: "evidence", output: "could not be collected: \(error)")])
        }
    }
}

// The steps of the calls.
extension NETCONFDriver {
    private func interfaces(of scope: ConfigScope) throws(DriverError) -> [String] {
        guard scope.files.isEmpty else {
            throw DriverError(
                .unsupported, "\(rendering.model.summary): there are no files over NETCONF", effect: .none)
        }
        for interface in scope.interfaces { _ = try rendering.place(of: interface) }
        return scope.interfaces
    }

    /// Reads the sections, and asks for the running configuration's lock; gives it back when it gets it.
    private static func observe(
        _ work: NETCONFWork, _ interfaces: [String], mark: String, _ identity: NETCONFWork.Identity
    ) async throws(DriverError) -> Observation {
        let lock = try await work.lockRunning()
        let config = try await work.read(interfaces)
        if lock == .taken { try await work.session.demand(NETCONF.unlock(.running)) }
        var observed = observation(identity, config, pending: lock == .commitPending, mark: mark)
        if lock == .taken { observed.isSaved = try await work.isSaved(config, interfaces) }
        return observed
    }

    private static func observation(
        _ identity: NETCONFWork.Identity, _ config: DeviceConfig, pending: Bool, mark: String = PendingRevert.unsigned
    ) -> Observation {
        Observation(
            hostname: identity.hostname, firmware: identity.firmware, model: identity.hardware, serial: identity.serial,
            config: config, pendingRevert: pending ? PendingRevert(mark: mark, remaining: nil) : nil)
    }

    private static func verify(
        _ observed: Observation, _ order: PushOrder, _ work: NETCONFWork, effect: DriverError.Effect
    ) throws(DriverError) {
        if observed.config.isEquivalent(to: order.desired) { return }
        throw DriverError(
            .verifyMismatch,
            observed.config.isEquivalent(to: order.base)
                ? "the device is on its base"
                : "the device does not hold what was ordered: "
                    + work.differences(from: order.desired, to: observed.config), effect: effect)
    }

    private func withSession<Value: Sendable>(
        to device: Device, within limit: Timespan, _ permit: Permit = .always, mustRevert: Bool = true,
        _ body: (NETCONFWork) async throws(DriverError) -> Value
    ) async throws(DriverError) -> Value {
        try await withSession(
            to: device, until: ContinuousClock.now + limit.duration, permit, mustRevert: mustRevert, body)
    }

    /// Opens a session, hands it over, and closes it whatever came of it.
    ///
    /// - Parameter soFar: What earlier sessions of this call may have done to the device.
    private func withSession<Value: Sendable>(
        to device: Device, until deadline: ContinuousClock.Instant, _ permit: Permit = .always, mustRevert: Bool = true,
        soFar: DriverError.Effect = .none, _ body: (NETCONFWork) async throws(DriverError) -> Value
    ) async throws(DriverError) -> Value {
        do throws(DriverError) {
            let left = max(0, (deadline - ContinuousClock.now) / .milliseconds(1))
            let log = logs?[device]
            let connection = try await DeviceLog.opening(log) { () async throws(DriverError) in
                try await transport.openSubsystem(
                    "netconf", on: device, within: min(.milliseconds(Int64(left)), device.ssh.connectTimeout))
            }
            let session = NETCONFSession(connection, deadline: deadline, permit: permit, log: log)
            do throws(DriverError) {
                let capabilities = try await session.greet()
                if mustRevert, let missing = capabilities.missing {
                    throw DriverError(.unsupported, "\(device.name): \(missing)", effect: .none)
                }
                let result = try await body(
                    NETCONFWork(session: session, capabilities: capabilities, rendering: rendering, device: device))
                await session.close()
                return result
            } catch {
                await session.close()
                throw error
            }
        } catch {
            guard soFar == .possible else { throw error }
            throw DriverError(error.code, error.message, effect: .possible)
        }
    }
}
